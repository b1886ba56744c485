//! An inventory as text that a person reviews.

use inventar_model::{Evidence, Inventory, Property, Target, Value};
use std::fmt::Write as _;

/// One asset a paragraph, in the inventory's order.
pub fn listing(inventory: &Inventory) -> String {
    let mut out = String::new();
    write(inventory, &mut out).unwrap_or_default();
    out
}

fn write(inventory: &Inventory, out: &mut String) -> std::fmt::Result {
    let name = |target: &Target| match target {
        Target::Asset(uid) => {
            inventory.asset(uid).map_or("?".into(), |asset| format!("{} {}", asset.kind, asset.name))
        }
        Target::Unresolved(identifier) => format!("unresolved {identifier}"),
    };
    for asset in &inventory.assets {
        write!(out, "{} {}", asset.kind, asset.name)?;
        if let Some(version) = &asset.version {
            write!(out, " [{} {version}]", version.form())?;
        }
        writeln!(out, " ({})", asset.usage())?;
        for identifier in &asset.identifiers {
            writeln!(out, "    = {identifier}")?;
        }
        properties(&asset.properties, out)?;
        evidence(&asset.evidence, out)?;
        for relation in inventory.relations.iter().filter(|relation| relation.source == asset.uid) {
            writeln!(out, "    -> {} {}", relation.kind, name(&relation.target))?;
        }
    }
    for finding in &inventory.findings {
        writeln!(out, "finding {} {}: {}", finding.severity, finding.rule, finding.title)?;
        for about in &finding.about {
            writeln!(out, "    about {}", name(about))?;
        }
        properties(&finding.properties, out)?;
        evidence(&finding.evidence, out)?;
    }
    for gap in &inventory.gaps {
        writeln!(out, "gap {} {}: {}", gap.gap.at, gap.gap.reason.as_str(), gap.gap.detail)?;
    }
    Ok(())
}

fn properties(properties: &[Property], out: &mut String) -> std::fmt::Result {
    for property in properties {
        let value = match &property.value {
            Value::Text(text) | Value::Json(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Boolean(yes) => yes.to_string(),
            Value::Texts(texts) => texts.join(" | "),
        };
        writeln!(out, "    . {} = {value}", property.name)?;
    }
    Ok(())
}

fn evidence(evidence: &[Evidence], out: &mut String) -> std::fmt::Result {
    for evidence in evidence {
        let place = evidence.path().unwrap_or("?");
        let line = evidence.line().map_or(String::new(), |line| format!(":{line}"));
        let (rule, method, usage) = (&evidence.rule, evidence.method, evidence.usage);
        writeln!(out, "    @ {place}{line} {rule} {method} {usage} {}", evidence.confidence.percent())?;
    }
    Ok(())
}
