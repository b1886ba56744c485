//! Terms as CycloneDX wants them: an SPDX expression when it is one, else the name as given.

use super::document::{License, NamedLicense};
use super::property::texts;
use inventar_model::Asset;

const DECLARED: &str = "declared";

/// Words that stand where a licence should, and say nothing.
const NO_LICENSE: &[&str] = &["", "other", "unknown", "none", "noassertion", "n/a"];

/// The licences an asset declares in its property `license`.
pub(super) fn of(asset: &Asset) -> Vec<License> {
    let Some(property) = asset.property("license").or_else(|| asset.property("licence")) else {
        return vec![];
    };
    let names: Vec<String> = texts(&property.value)
        .into_iter()
        .map(|name| name.trim().to_owned())
        .filter(|name| !NO_LICENSE.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    // CycloneDX 1.6 has room for one expression alone, so several licences go by name.
    if let [name] = names.as_slice()
        && let Some(expression) = spdx_expression(name)
    {
        return vec![License::Expression { expression, acknowledgement: DECLARED }];
    }
    let named = |name| License::Named { license: NamedLicense { name, acknowledgement: DECLARED } };
    names.into_iter().map(named).collect()
}

/// The text in SPDX's spelling, when it is an SPDX expression but for upper and lower case.
fn spdx_expression(text: &str) -> Option<String> {
    if let Some(license) =
        spdx::identifiers::LICENSES.iter().find(|license| license.name.eq_ignore_ascii_case(text))
    {
        return Some(license.name.to_owned());
    }
    spdx::Expression::parse(text).is_ok().then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::spdx_expression;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(spdx_expression(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn expressions() {
        check("apache-2.0", Some("Apache-2.0"));
        check("MIT", Some("MIT"));
        check("MIT OR Apache-2.0", Some("MIT OR Apache-2.0"));
        check("LicenseRef-Acme", Some("LicenseRef-Acme"));
        check("llama3.1", None);
        check("bigscience-openrail-m and more", None);
        check("MIT OR", None);
    }
}
