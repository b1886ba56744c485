//! `inventar describe`: one asset with everything behind it.

use super::get::{pretty, print};
use super::{Context, block_on, open_recorded, sources, store_failed};
use crate::cli;
use crate::exit::{Ending, Stop};
use crate::present::{
    AssetRecord, EvidenceRecord, Format, bold, clean, dim, format_among, place_in_words, property_map,
};
use crate::{kinds, moment};
use inventar_model::{
    Asset, AssetKind, Evidence, Inventory, PluginId, Property, Relation, Target, Timestamp, Uid, Value,
};
use inventar_store::{AssetDetail, Basis, Elsewhere, HistoryRow, Link, Store};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::rc::Rc;

/// No more places than this are listed for people.
const LISTED_PLACES: usize = 40;
/// When more assets than this have a name, one has to be chosen.
const SHOWN_AT_ONCE: usize = 5;

/// An asset with what is around it.
struct Portrait {
    inventory: Rc<Inventory>,
    asset: Asset,
    unsigned: BTreeSet<PluginId>,
    /// None: the past is shown, in which nothing else had happened yet.
    detail: Option<AssetDetail>,
    /// What other sources say of it today.
    elsewhere: Vec<Elsewhere>,
}

/// Runs the command.
pub(crate) fn run(args: &cli::Describe, context: &Context) -> anyhow::Result<Ending> {
    let format = format_among(args.output.as_ref(), &[Format::Table, Format::Json])?;
    let portraits = block_on(async {
        let store = open_recorded(context).await?;
        find(args, &store).await
    })??;
    match (format, portraits.as_slice()) {
        (Format::Json, [portrait]) => print(&pretty(&json(portrait)))?,
        (Format::Json, portraits) => print(&pretty(&portraits.iter().map(json).collect()))?,
        (_, portraits) => {
            let colour = console::colors_enabled();
            let texts: Vec<String> = portraits.iter().map(|portrait| text(portrait, colour)).collect();
            print(&texts.join("\n"))?;
            if let [_, _, ..] = portraits {
                context
                    .console
                    .note(&format!("{} assets have this name; an id describes one.", portraits.len()));
            }
        }
    }
    Ok(Ending::SUCCESS)
}

async fn find(args: &cli::Describe, store: &Store) -> Result<Vec<Portrait>, Stop> {
    let as_of = args.of.as_of.as_deref().map(|text| moment::time(text, moment::now())).transpose()?;
    let mut inventories = Vec::new();
    for source in sources(store, args.of.source.as_deref()).await? {
        let inventory = store.inventory(&source, as_of).await.map_err(|error| store_failed(&error))?;
        inventories.extend(inventory.map(Rc::new));
    }
    let found = match Uid::parse(&args.asset) {
        Some(uid) => match by_uid(&inventories, uid) {
            Some(found) => vec![found],
            None => return gone(args, store, uid).await.map(|portrait| vec![portrait]),
        },
        None => by_name(&inventories, &args.asset)?,
    };
    let mut portraits = Vec::new();
    for (inventory, asset) in found {
        let run = store.latest_run(&inventory.source, as_of).await.map_err(|error| store_failed(&error))?;
        let plugins = run.into_iter().flat_map(|run| run.plugins);
        let unsigned = plugins.filter(|used| !used.signed).map(|used| used.id).collect();
        let detail = match as_of {
            Some(_) => None,
            None => store.asset(asset.uid).await.map_err(|error| store_failed(&error))?,
        };
        let elsewhere = match as_of {
            Some(_) => vec![],
            None => store.elsewhere(asset.uid).await.map_err(|error| store_failed(&error))?,
        };
        portraits.push(Portrait { inventory, asset, unsigned, detail, elsewhere });
    }
    Ok(portraits)
}

/// What is no longer listed is still known by its id.
async fn gone(args: &cli::Describe, store: &Store, uid: Uid) -> Result<Portrait, Stop> {
    match store.asset(uid).await.map_err(|error| store_failed(&error))? {
        Some(detail) => Ok(Portrait {
            inventory: Rc::new(Inventory::empty(detail.source.clone())),
            asset: detail.asset.clone(),
            unsigned: BTreeSet::new(),
            detail: Some(detail),
            elsewhere: vec![],
        }),
        None => {
            Err(Stop::usage(format!("there is no asset `{}`", args.asset))
                .hint("`inventar get all` lists them"))
        }
    }
}

type Found = (Rc<Inventory>, Asset);

fn by_uid(inventories: &[Rc<Inventory>], uid: Uid) -> Option<Found> {
    inventories.iter().find_map(|inventory| Some((Rc::clone(inventory), inventory.asset(&uid)?.clone())))
}

/// The assets of a KIND/NAME; a name alone is looked for in every kind. Names may have slashes themselves.
fn by_name(inventories: &[Rc<Inventory>], text: &str) -> Result<Vec<Found>, Stop> {
    let split = text.split_once('/').map(|(kind, name)| kinds::parse(kind).map(|kinds| (kinds, name)));
    let found = match &split {
        Some(Ok((kinds, name))) => named(inventories, kinds.as_deref(), name),
        _ => vec![],
    };
    let found = if found.is_empty() { named(inventories, None, text) } else { found };
    match (found.len(), split) {
        (0, Some(Err(stop))) => Err(stop),
        (0, split) => Err(nothing_named(inventories, split.and_then(Result::ok), text)),
        (n, _) if n > SHOWN_AT_ONCE => Err(too_many(&found, text)),
        _ => Ok(found),
    }
}

/// With that very name, else with that name in other letters' case.
fn named(inventories: &[Rc<Inventory>], kinds: Option<&[AssetKind]>, name: &str) -> Vec<Found> {
    let all = |fits: &dyn Fn(&str) -> bool| -> Vec<Found> {
        let of = |inventory: &Rc<Inventory>| {
            let wanted =
                |asset: &&Asset| kinds.is_none_or(|kinds| kinds.contains(&asset.kind)) && fits(&asset.name);
            inventory
                .assets
                .iter()
                .filter(wanted)
                .map(|asset| (Rc::clone(inventory), asset.clone()))
                .collect::<Vec<_>>()
        };
        inventories.iter().flat_map(of).collect()
    };
    let exact = all(&|have| have == name);
    if exact.is_empty() { all(&|have| have.eq_ignore_ascii_case(name)) } else { exact }
}

fn nothing_named(
    inventories: &[Rc<Inventory>],
    split: Option<(Option<Vec<AssetKind>>, &str)>,
    text: &str,
) -> Stop {
    let (kinds, name) = split.unwrap_or((None, text));
    let of_kind = |asset: &&Asset| kinds.as_ref().is_none_or(|kinds| kinds.contains(&asset.kind));
    let assets = || inventories.iter().flat_map(|inventory| &inventory.assets).filter(of_kind);
    let likely = crate::config::suggest(name, assets().map(|asset| asset.name.as_str()));
    let hint = match assets().find(|asset| Some(asset.name.as_str()) == likely) {
        Some(asset) => format!("did you mean `{}/{}`?", asset.kind, clean(&asset.name)),
        None => "`inventar get all` lists everything".to_owned(),
    };
    Stop::usage(format!("there is no asset `{}`", clean(text))).hint(hint)
}

fn too_many(found: &[Found], text: &str) -> Stop {
    let line = |(inventory, asset): &Found| {
        let place =
            asset.evidence.first().map(|evidence| place_in_words(&evidence.place)).unwrap_or_default();
        format!("\n    {}  {}  {} in {}", asset.uid, asset.kind, place, inventory.source)
    };
    let lines: String = found.iter().take(20).map(line).collect();
    Stop::usage(format!("{} assets are called `{}`", found.len(), clean(text)))
        .hint(format!("name one by its id:{lines}"))
}

fn json(portrait: &Portrait) -> serde_json::Value {
    let unsigned = portrait.unsigned.iter().collect();
    let asset = serde_json::to_value(AssetRecord::new(&portrait.asset, &unsigned)).unwrap_or_default();
    let edge = |direction: &str, relation: &Relation, other: &Target| {
        let evidence: Vec<EvidenceRecord<'_>> = relation.evidence.iter().map(EvidenceRecord::new).collect();
        serde_json::json!({
            "direction": direction, "kind": relation.kind.as_str(), "evidence": evidence,
            "properties": property_map(&relation.properties),
            "other": match other {
                Target::Asset(uid) => match portrait.inventory.asset(uid) {
                    Some(asset) => serde_json::json!({ "uid": uid.to_string(), "kind": asset.kind.as_str(), "name": asset.name }),
                    None => serde_json::json!({ "uid": uid.to_string() }),
                },
                Target::Unresolved(identifier) => {
                    serde_json::json!({ "unresolved": { "scheme": identifier.scheme(), "value": identifier.value() } })
                }
            },
        })
    };
    let uid = portrait.asset.uid;
    let relations = portrait.inventory.relations.iter().filter_map(|relation| {
        if relation.source == uid {
            Some(edge("out", relation, &relation.target))
        } else if relation.target == Target::Asset(uid) {
            Some(edge("in", relation, &Target::Asset(relation.source)))
        } else {
            None
        }
    });
    let mut out = serde_json::json!({
        "source": portrait.inventory.source.as_str(), "asset": asset, "relations": relations.collect::<Vec<_>>(),
    });
    out["elsewhere"] = portrait.elsewhere.iter().map(elsewhere_json).collect();
    if let Some(detail) = &portrait.detail {
        out["standing"] = detail.standing.as_str().into();
        out["first_seen"] = moment::rfc3339(detail.first_seen).into();
        out["last_seen"] = moment::rfc3339(detail.last_seen).into();
        out["history"] = detail.history.iter().map(history_json).collect();
    }
    out
}

fn elsewhere_json(there: &Elsewhere) -> serde_json::Value {
    let (link, kind) = match &there.link {
        Link::Same => ("same", None),
        Link::To(kind) => ("out", Some(kind.as_str())),
        Link::From(kind) => ("in", Some(kind.as_str())),
    };
    serde_json::json!({
        "link": link, "relation": kind, "tier": "inferred", "source": there.source.as_str(),
        "uid": there.uid.to_string(), "kind": there.kind.as_str(), "name": there.name,
        "because": { "scheme": there.identifier.scheme(), "value": there.identifier.value() },
        "basis": there.basis.as_str(), "one_of": there.basis.one_of(),
    })
}

fn history_json(row: &HistoryRow) -> serde_json::Value {
    serde_json::json!({
        "run": row.run.0, "at": moment::rfc3339(row.at), "change": row.change.as_str(),
        "reason": row.reason.as_str(), "fields": row.fields,
    })
}

fn text(portrait: &Portrait, colour: bool) -> String {
    let mut out = String::new();
    facts(&mut out, portrait, colour);
    properties(&mut out, &portrait.asset.properties, colour);
    evidence(&mut out, &portrait.asset.evidence, colour);
    relations(&mut out, portrait, colour);
    elsewhere(&mut out, &portrait.elsewhere, colour);
    findings(&mut out, portrait, colour);
    history(&mut out, portrait, colour);
    out
}

fn facts(out: &mut String, portrait: &Portrait, colour: bool) {
    let asset = &portrait.asset;
    let _ = writeln!(out, "{}  {}", bold(&clean(&asset.name), colour), dim(asset.kind.label(), colour));
    let mut row = |label: &str, value: &str| {
        let _ = writeln!(out, "  {label:<12} {}", clean(value));
    };
    match &asset.version {
        Some(version) if version.exact().is_some() => row("version", version.text()),
        Some(version) => row("version", &format!("{} ({})", version.text(), version.form())),
        None => row("version", "unknown"),
    }
    row("usage", asset.usage().as_str());
    row("confidence", &format!("{} ({})", asset.confidence().label(), asset.confidence().percent()));
    for identifier in &asset.identifiers {
        row(identifier.scheme(), identifier.value());
    }
    for plugin in &asset.plugins {
        let mark = if portrait.unsigned.contains(plugin) { " (unsigned)" } else { "" };
        row("reported by", &format!("{plugin}{mark}"));
    }
    row("source", portrait.inventory.source.as_str());
    row("id", &asset.uid.to_string());
    if let Some(detail) = &portrait.detail {
        row("first seen", &moment::in_words(detail.first_seen));
        row("last seen", &last_seen(detail, detail.last_seen));
    }
}

fn last_seen(detail: &AssetDetail, time: Timestamp) -> String {
    use inventar_store::Standing;
    let words = match detail.standing {
        Standing::Seen => "",
        Standing::Unseen => ", not looked at since",
        Standing::Missing => ", missing: confirm with `inventar scan --confirm-gone`",
        Standing::Gone => ", gone",
    };
    let why = detail.retirement.filter(|_| detail.standing == Standing::Gone);
    format!("{}{words}{}", moment::in_words(time), why.map_or(String::new(), |why| format!(" ({why})")))
}

fn properties(out: &mut String, properties: &[Property], colour: bool) {
    if properties.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", bold("Properties", colour));
    let widest = properties.iter().map(|property| property.name.len()).max().unwrap_or(0).min(28);
    for property in properties {
        let value = in_words(&property.value);
        let _ = writeln!(out, "  {:<widest$}  {}", clean(&property.name), clean(&value));
    }
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Texts(texts) => texts.join(", "),
    }
}

fn evidence(out: &mut String, evidence: &[Evidence], colour: bool) {
    let _ = writeln!(out, "\n{}", bold(&format!("Evidence ({})", evidence.len()), colour));
    for piece in evidence.iter().take(LISTED_PLACES) {
        let how = format!(
            "{} by {}, {}, {}",
            piece.method,
            clean(&piece.rule),
            piece.usage,
            piece.confidence.label()
        );
        let _ = writeln!(out, "  {}  {}", place_in_words(&piece.place), dim(&how, colour));
        if let Some(snippet) = &piece.snippet {
            let _ = writeln!(out, "      {}", clean(snippet.trim()));
        }
    }
    if let Some(more @ 1..) = evidence.len().checked_sub(LISTED_PLACES) {
        let _ = writeln!(out, "  … and {more} more: -o json");
    }
}

fn relations(out: &mut String, portrait: &Portrait, colour: bool) {
    let uid = portrait.asset.uid;
    let name = |uid: &Uid| match portrait.inventory.asset(uid) {
        Some(asset) => format!("{}/{}", asset.kind, clean(&asset.name)),
        None => uid.to_string(),
    };
    let lines: Vec<String> = portrait
        .inventory
        .relations
        .iter()
        .filter_map(|relation| match &relation.target {
            Target::Asset(target) if relation.source == uid => {
                Some(format!("{} → {}{}", relation.kind, name(target), measures(relation, colour)))
            }
            Target::Unresolved(identifier) if relation.source == uid => Some(format!(
                "{} → {} {}",
                relation.kind,
                clean(&identifier.to_string()),
                dim("(not in this source)", colour)
            )),
            Target::Asset(target) if *target == uid => {
                Some(format!("{} ← {}{}", relation.kind, name(&relation.source), measures(relation, colour)))
            }
            _ => None,
        })
        .collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{}", bold("Relations", colour));
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
    }
}

/// ` (role=canary share=0.1 variant=b)`.
fn measures(relation: &Relation, colour: bool) -> String {
    let told: Vec<String> = relation
        .properties
        .iter()
        .map(|property| format!("{}={}", clean(&property.name), clean(&in_words(&property.value))))
        .collect();
    if told.is_empty() {
        String::new()
    } else {
        format!(" {}", dim(&format!("({})", told.join(" ")), colour))
    }
}

fn elsewhere(out: &mut String, elsewhere: &[Elsewhere], colour: bool) {
    if elsewhere.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", bold("In other sources", colour));
    for there in elsewhere {
        let how = match &there.link {
            Link::Same => "same as".to_owned(),
            Link::To(kind) => format!("{kind} →"),
            Link::From(kind) => format!("{kind} ←"),
        };
        let what = format!("{}/{} in {}", there.kind, clean(&there.name), clean(there.source.as_str()));
        let identifier = there.identifier.to_string();
        let identifier = clean(&identifier);
        let why = match (&there.link, there.basis) {
            (Link::Same, Basis::Exact) => format!("(same {identifier})"),
            (Link::Same, Basis::Name { .. }) => {
                format!("(same {identifier}, if it is the same network or account)")
            }
            (_, Basis::Exact) => format!("(names {identifier})"),
            (_, Basis::Name { of: 1 }) => format!("(by name only, {identifier})"),
            (_, Basis::Name { of }) => format!("(one of {of} by name, {identifier})"),
        };
        let _ = writeln!(out, "  {how} {what} {}", dim(&why, colour));
    }
}

fn findings(out: &mut String, portrait: &Portrait, colour: bool) {
    let about = Target::Asset(portrait.asset.uid);
    let mut found =
        portrait.inventory.findings.iter().filter(|finding| finding.about.contains(&about)).peekable();
    if found.peek().is_some() {
        let _ = writeln!(out, "\n{}", bold("Findings", colour));
    }
    for finding in found {
        let rule = dim(&format!("({})", clean(&finding.rule)), colour);
        let _ = writeln!(out, "  {:<8} {} {rule}", finding.severity.as_str(), clean(&finding.title));
    }
}

fn history(out: &mut String, portrait: &Portrait, colour: bool) {
    let Some(detail) = portrait.detail.as_ref().filter(|detail| !detail.history.is_empty()) else { return };
    let _ = writeln!(out, "\n{}", bold("History", colour));
    for row in &detail.history {
        let fields: Vec<String> = row
            .fields
            .iter()
            .map(|field| match (&field.before, &field.after) {
                (Some(before), Some(after)) => format!("{} {before} → {after}", field.field),
                (None, Some(after)) => format!("{} {after}", field.field),
                (Some(before), None) => format!("{} was {before}", field.field),
                (None, None) => field.field.clone(),
            })
            .collect();
        let why = if row.reason == inventar_model::Retirement::Detector { " (detector changed)" } else { "" };
        let fields =
            if fields.is_empty() { String::new() } else { format!("  {}", clean(&fields.join(", "))) };
        let run = dim(&format!("#{}", row.run), colour);
        let _ = writeln!(out, "  {}  {run} {}{why}{fields}", moment::in_words(row.at), row.change);
    }
}
