//! Values that are secret because of the name beside them.

use std::borrow::Cow;

pub(super) fn redact(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

pub(super) fn redact_value(_key: &str, _text: &str) -> Option<String> {
    None
}
