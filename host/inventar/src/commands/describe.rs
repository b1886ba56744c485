//! `inventar describe`: one asset with everything behind it.

use super::get::{pretty, print};
use super::{Context, block_on, open_recorded, sources, store_failed};
use crate::cli;
use crate::exit::{Ending, Stop};
use crate::present::{AssetRecord, EvidenceRecord, Format, bold, clean, dim, format_among, place_in_words};
use crate::{kinds, moment};
use inventar_model::{Asset, Evidence, Inventory, PluginId, Property, Target, Timestamp, Uid, Value};
use inventar_store::{AssetDetail, HistoryRow, Store};
use std::collections::BTreeSet;
use std::fmt::Write;

/// No more places than this are listed for people.
const LISTED_PLACES: usize = 40;

/// An asset with what is around it.
struct Portrait {
    inventory: Inventory,
    asset: Asset,
    unsigned: BTreeSet<PluginId>,
    /// None: the past is shown, in which nothing else had happened yet.
    detail: Option<AssetDetail>,
}

/// Runs the command.
pub(crate) fn run(args: &cli::Describe, context: &Context) -> anyhow::Result<Ending> {
    let format = format_among(args.output.as_ref(), &[Format::Table, Format::Json])?;
    let portrait = block_on(async {
        let store = open_recorded(context).await?;
        find(args, &store).await
    })??;
    match format {
        Format::Json => print(&pretty(&json(&portrait)))?,
        _ => print(&text(&portrait, console::colors_enabled()))?,
    }
    Ok(Ending::SUCCESS)
}

async fn find(args: &cli::Describe, store: &Store) -> Result<Portrait, Stop> {
    let as_of = args.of.as_of.as_deref().map(|text| moment::time(text, moment::now())).transpose()?;
    let mut candidates = Vec::new();
    for source in sources(store, args.of.source.as_deref()).await? {
        if let Some(inventory) =
            store.inventory(&source, as_of).await.map_err(|error| store_failed(&error))?
        {
            candidates.push(inventory);
        }
    }
    let found = match Uid::parse(&args.asset) {
        Some(uid) => match by_uid(&candidates, uid) {
            Some(found) => found,
            None => return gone(args, store, uid).await,
        },
        None => by_name(&candidates, &args.asset)?,
    };
    let (at, asset) = found;
    let inventory = candidates.swap_remove(at);
    let run = store.latest_run(&inventory.source, as_of).await.map_err(|error| store_failed(&error))?;
    let unsigned =
        run.into_iter().flat_map(|run| run.plugins).filter(|used| !used.signed).map(|used| used.id).collect();
    let detail = match as_of {
        Some(_) => None,
        None => store.asset(asset.uid).await.map_err(|error| store_failed(&error))?,
    };
    Ok(Portrait { inventory, asset, unsigned, detail })
}

/// What is no longer listed is still known by its id.
async fn gone(args: &cli::Describe, store: &Store, uid: Uid) -> Result<Portrait, Stop> {
    match store.asset(uid).await.map_err(|error| store_failed(&error))? {
        Some(detail) => Ok(Portrait {
            inventory: Inventory::empty(detail.source.clone()),
            asset: detail.asset.clone(),
            unsigned: BTreeSet::new(),
            detail: Some(detail),
        }),
        None => {
            Err(Stop::usage(format!("there is no asset `{}`", args.asset))
                .hint("`inventar get all` lists them"))
        }
    }
}

fn by_uid(inventories: &[Inventory], uid: Uid) -> Option<(usize, Asset)> {
    inventories.iter().enumerate().find_map(|(at, inventory)| Some((at, inventory.asset(&uid)?.clone())))
}

fn by_name(inventories: &[Inventory], text: &str) -> Result<(usize, Asset), Stop> {
    let Some((kind, name)) = text.split_once('/') else {
        return Err(Stop::usage(format!("`{text}` is neither KIND/NAME nor the id of an asset"))
            .hint(format!("write the kind too, such as sdk/{text}; `inventar get all` lists everything")));
    };
    let kinds = kinds::parse(kind)?;
    let of_kind = |asset: &&Asset| kinds.as_ref().is_none_or(|kinds| kinds.contains(&asset.kind));
    let all = || {
        inventories
            .iter()
            .enumerate()
            .flat_map(|(at, inventory)| inventory.assets.iter().filter(of_kind).map(move |asset| (at, asset)))
    };
    let mut found: Vec<(usize, &Asset)> = all().filter(|(_, asset)| asset.name == name).collect();
    if found.is_empty() {
        found = all().filter(|(_, asset)| asset.name.eq_ignore_ascii_case(name)).collect();
    }
    match found.as_slice() {
        [(at, asset)] => Ok((*at, (*asset).clone())),
        [] => {
            let names: Vec<&str> = all().map(|(_, asset)| asset.name.as_str()).collect();
            let hint = match crate::config::suggest(name, names.iter().copied()) {
                Some(likely) => format!("did you mean `{kind}/{}`?", clean(likely)),
                None => format!("`inventar get {kind}` lists them"),
            };
            Err(Stop::usage(format!("there is no asset `{}`", clean(text))).hint(hint))
        }
        several => {
            let lines: Vec<String> = several
                .iter()
                .take(10)
                .map(|(at, asset)| {
                    let place = asset
                        .evidence
                        .first()
                        .map(|evidence| place_in_words(&evidence.place))
                        .unwrap_or_default();
                    format!("\n    {}  {}  {} in {}", asset.uid, asset.kind, place, inventories[*at].source)
                })
                .collect();
            Err(Stop::usage(format!("{} assets are called `{}`", several.len(), clean(text)))
                .hint(format!("name one by its id:{}", lines.concat())))
        }
    }
}

fn json(portrait: &Portrait) -> serde_json::Value {
    let unsigned = portrait.unsigned.iter().collect();
    let asset = serde_json::to_value(AssetRecord::new(&portrait.asset, &unsigned)).unwrap_or_default();
    let edge = |direction: &str, kind: &str, other: &Target, evidence: &[Evidence]| {
        let evidence: Vec<EvidenceRecord<'_>> = evidence.iter().map(EvidenceRecord::new).collect();
        serde_json::json!({
            "direction": direction, "kind": kind, "evidence": evidence,
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
        let kind = relation.kind.as_str();
        if relation.source == uid {
            Some(edge("out", kind, &relation.target, &relation.evidence))
        } else if relation.target == Target::Asset(uid) {
            Some(edge("in", kind, &Target::Asset(relation.source), &relation.evidence))
        } else {
            None
        }
    });
    let mut out = serde_json::json!({
        "source": portrait.inventory.source.as_str(), "asset": asset, "relations": relations.collect::<Vec<_>>(),
    });
    if let Some(detail) = &portrait.detail {
        out["standing"] = detail.standing.as_str().into();
        out["first_seen"] = moment::rfc3339(detail.first_seen).into();
        out["last_seen"] = moment::rfc3339(detail.last_seen).into();
        out["history"] = detail.history.iter().map(history_json).collect();
    }
    out
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
        let value = match &property.value {
            Value::Text(text) | Value::Json(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Boolean(yes) => if *yes { "yes" } else { "no" }.to_owned(),
            Value::Texts(texts) => texts.join(", "),
        };
        let _ = writeln!(out, "  {:<widest$}  {}", clean(&property.name), clean(&value));
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
                Some(format!("{} → {}", relation.kind, name(target)))
            }
            Target::Unresolved(identifier) if relation.source == uid => Some(format!(
                "{} → {} {}",
                relation.kind,
                clean(&identifier.to_string()),
                dim("(not in this source)", colour)
            )),
            Target::Asset(target) if *target == uid => {
                Some(format!("{} ← {}", relation.kind, name(&relation.source)))
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
        let _ = writeln!(
            out,
            "  {}  {} {}{why}  {}",
            moment::in_words(row.at),
            dim(&format!("#{}", row.run), colour),
            row.change,
            clean(&fields.join(", "))
        );
    }
}
