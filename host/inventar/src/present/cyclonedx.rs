//! The bill of materials: the `bom` crate's work, with what only the program knows.

use crate::exit::{Exit, Stop};
use inventar_bom::{BomContext, SpecVersion};
use inventar_model::{Inventory, Revision, Timestamp};

/// What a bill of materials says beside the inventory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bom {
    /// Which CycloneDX.
    pub(crate) spec: SpecVersion,
    /// The time that SOURCE_DATE_EPOCH asks for.
    pub(crate) epoch: Option<Timestamp>,
    /// The commit that was looked at.
    pub(crate) revision: Option<Revision>,
    /// Whether everything in scope was looked at.
    pub(crate) complete: bool,
}

/// The document.
pub(crate) fn generate(inventory: &Inventory, bom: &Bom) -> Result<String, Stop> {
    let context = BomContext {
        spec: bom.spec,
        epoch: bom.epoch,
        revision: bom.revision.clone(),
        tool_version: env!("CARGO_PKG_VERSION"),
        complete: bom.complete,
    };
    let mut text = inventar_bom::cyclonedx(inventory, &context)
        .map_err(|error| Stop::new(Exit::Store, format!("cannot make the bill of materials: {error}")))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// The time that <https://reproducible-builds.org/specs/source-date-epoch/> asks for.
pub(crate) fn source_date_epoch(text: Option<&str>) -> Result<Option<Timestamp>, Stop> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let time = text.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000));
    time.map(|time| Some(Timestamp(time))).ok_or_else(|| {
        Stop::usage("SOURCE_DATE_EPOCH is not a number of seconds")
            .hint("unset it, or: export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs() {
        let check = |text: Option<&str>, expected: Option<Option<i64>>| {
            assert_eq!(
                source_date_epoch(text).ok().map(|time| time.map(|time| time.0)),
                expected,
                "{text:?}"
            );
        };
        check(None, Some(None));
        check(Some(""), Some(None));
        check(Some("1700000000"), Some(Some(1_700_000_000_000)));
        check(Some("yesterday"), None);
        check(Some("9223372036854775807"), None);
    }
}
