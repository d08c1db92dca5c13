//! Names of the values of an enum, for programs: keys, attributes, codes. They are the names on the wire; words for
//! people are texts.

/// A value with a name. Enums derive it with `strum::IntoStaticStr`, in snake case.
pub trait Named: Copy {
    fn name(self) -> &'static str;
}

impl<T: Into<&'static str> + Copy> Named for T {
    fn name(self) -> &'static str {
        self.into()
    }
}

/// The value with a name, of all there are.
pub fn named<T: Named>(all: impl IntoIterator<Item = T>, name: &str) -> Option<T> {
    all.into_iter().find(|value| value.name() == name)
}
