//! The tables of the book, each declared once. Whoever needs something of every table (the book its fields and its
//! digest, the store its rows, a tablet its first read, a screen its signals) hands a macro to [`tables`], which is
//! given the whole literal.
//!
//! Groups: `settings` are one row together; `chunks` are rows of a store's table, in the order in which they are read
//! and a new tablet is given them; `others` are kept elsewhere or follow from the rest; `changes` are what a fold says
//! it changed, and the signals that redraw by it.
//!
//! Columns: doc, name, key and value; for chunks the store's table, its name, entries a row, how they are written, and
//! whether the mirror keeps them for selling (`mirrored`) or not (`apart`), and the changes by which an entry is
//! written again; what an entry that says nothing looks like (it is neither sealed nor part of the digest); what
//! putting an entry marks as changed.

macro_rules! tables {
    ($then:ident) => {
        $then! {
            settings {
                #[doc = "What the store is called and how it computes."]
                profile: () => Profile, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "Tax rates."]
                taxes: TaxId => TaxRate, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "Places that hold stock."]
                locations: LocationId => Location, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "People who work here."]
                staff: StaffId => Staff, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "Which variants are scarce; `None` for one that is not any more."]
                scarce: VariantId => Option<Scarcity>, empty |s| s.is_none(), marks |c, _| c.settings = true;
                #[doc = "The shop's rules, those that were taken away included."]
                rules: Id => Rule, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "Where goods for orders come from."]
                sourcing: () => Sourcing, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "Those goods are bought from."]
                suppliers: Id => Supplier, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "What is made up of others; without parts it no longer is."]
                kits: VariantId => Kit, empty |k| k.parts.is_empty(), marks |c, _| c.settings = true;
                #[doc = "The packs that a variant comes in."]
                packs: VariantId => Vec<Pack>, empty |p| p.is_empty(), marks |c, _| c.settings = true;
                #[doc = "Prices of their own for some customers or channels."]
                price_lists: Id => PriceList, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "What is taken off, when and for whom."]
                promotions: Id => Promotion, empty |_| false, marks |c, _| c.settings = true;
                #[doc = "Tills, by tablet."]
                tills: Replica => Till, empty |_| false, marks |c, _| c.tills = true;
                #[doc = "What is left of a lease at a place, by tablet; none is the same as zero."]
                leases: (Place, Replica) => Quantity, empty |q| q.0 <= 0, marks |c, k| { c.places.insert(k.0); c.tills = true };
                #[doc = "What open orders keep from others, place by place; none is the same as zero."]
                allocated: Place => Quantity, empty |q| q.0 == 0, marks |c, k| { c.places.insert(*k); c.tills = true };
                #[doc = "How many open orders are each one's work; none is the same as zero."]
                workload: Assignee => u32, empty |n| *n == 0, marks |c, _| c.tills = true;
                #[doc = "Orders that somebody still has to see to, though they may be closed; none is the same as `false`."]
                outstanding: OrderId => bool, empty |is| !*is, marks |c, _| c.tills = true;
                #[doc = "Customers' accounts; none is the same as an empty one."]
                accounts: CustomerId => Account, empty |a| a.is_empty(), marks |c, k| { c.customers.insert(*k); c.tills = true };
            }
            chunks {
                #[doc = "How much is where."]
                levels: Place => Level, (Stock "stock" 1024 packed mirrored places), empty |_| false, marks |c, k| c.places.insert(*k);
                #[doc = "Products with their variants."]
                products: ProductId => Product, (Catalog "catalog" 128 packed mirrored products), empty |_| false, marks |c, k| c.products.insert(*k);
                #[doc = "Customers' cards."]
                customers: CustomerId => Customer, (People "people" 256 plain mirrored customers), empty |_| false, marks |c, k| c.customers.insert(*k);
                #[doc = "What a person has to look at, and has."]
                cases: Id => Case, (Case "case" 256 plain apart cases), empty |_| false, marks |c, k| c.cases.insert(*k);
                #[doc = "Documents of the stockroom."]
                documents: Id => Document, (Document "document" 32 plain mirrored documents), empty |_| false, marks |c, k| c.documents.insert(*k);
                #[doc = "What goods cost on average; none was never bought."]
                costs: VariantId => Cost, (Cost "cost" 1024 plain mirrored costs), empty |_| false, marks |c, k| c.costs.insert(*k);
                #[doc = "What is known to be of a lot; none is the same as empty."]
                batches: Place => Batches, (Batch "batch" 256 plain mirrored places), empty |b| b.is_empty(), marks |c, k| c.places.insert(*k);
            }
            others {
                #[doc = "Orders: in memory those that were touched lately, all of them in blocks."]
                orders: OrderId => Order, empty |_| false, marks |c, k| c.orders.insert(*k);
                #[doc = "Which product a variant belongs to; follows from the products."]
                variants: VariantId => ProductId, empty |_| true, marks |_, _| ();
            }
            changes {
                #[doc = "Orders."]
                orders: HashSet<OrderId>, redraws orders;
                #[doc = "Places where a level, a batch, a lease or what is set aside changed."]
                places: HashSet<Place>, redraws stock;
                #[doc = "Products."]
                products: HashSet<ProductId>, redraws catalog stock;
                #[doc = "Customers whose card or account changed."]
                customers: HashSet<CustomerId>, redraws people;
                #[doc = "Cases."]
                cases: HashSet<Id>, redraws cases;
                #[doc = "Documents of the stockroom."]
                documents: HashSet<Id>, redraws documents;
                #[doc = "Variants whose cost changed."]
                costs: HashSet<VariantId>, redraws documents;
                #[doc = "Whether a setting changed."]
                settings: bool, redraws settings;
                #[doc = "Whether something changed that is kept with the settings, but that every order may change."]
                tills: bool, redraws tills;
            }
        }
    };
}

pub(crate) use tables;
