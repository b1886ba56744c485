//! Phase two: a manifest with what locks, workspaces, parents and catalogues say.

use crate::asset::{Known, better, key};
use crate::dependency::Requirement;
use crate::facts::{Asked, Stated, asked_by, stated_by, variable};
use crate::format::{Format, Reader};
use inventar_plugin_sdk::{Answer, Asset, Evidence, Method, Part, Subject, Version};

/// What the parts behind a manifest state, nearest first.
struct Source<'s> {
    part: u32,
    path: &'s str,
    format: Format,
    stated: Vec<Stated>,
    of: &'s Part,
}

/// Adds to each dependency the version that another file fixes, with its evidence there.
pub fn link(subject: &Subject) -> Answer {
    let mut answer = Answer::default();
    let file = subject.file();
    let Some(format) = Format::of(&file.path) else { return answer };
    let mut sources: Vec<Source<'_>> = subject
        .parts
        .iter()
        .zip(0_u32..)
        .skip(1)
        .filter_map(|(part, at)| {
            let format = Format::of(&part.path).filter(|other| other.ecosystem == format.ecosystem)?;
            Some(Source { part: at, path: &part.path, format, stated: stated_by(part), of: part })
        })
        .collect();
    // Parts come breadth-first; of what was asked at once, the deepest folder is the nearest.
    sources.sort_by_key(|source| std::cmp::Reverse(folder(source.path).len()));
    for asked in asked_by(file) {
        if let Some(asset) = linked(&asked, &file.path, format, &sources) {
            add(&mut answer, asset);
        }
    }
    answer
}

fn add(answer: &mut Answer, asset: Asset) {
    match answer.assets.iter_mut().find(|known| known.key == asset.key) {
        Some(known) => {
            known.version = better(known.version.take(), asset.version);
            for evidence in asset.evidence {
                if !known.evidence.contains(&evidence) {
                    known.evidence.push(evidence);
                }
            }
        }
        None => answer.asset(asset),
    }
}

fn linked(asked: &Asked, path: &str, format: Format, sources: &[Source<'_>]) -> Option<Asset> {
    let mut name = asked.name.clone();
    let mut requirement = asked.requirement.clone();
    let mut version: Option<Version> = None;
    let mut evidence: Vec<Evidence> = vec![];

    // What a workspace, a parent or a catalogue says.
    if asked.inherited {
        for source in sources.iter().filter(|source| !matches!(source.format.reader, Reader::Lock(_))) {
            let alias = inherited_name(format.ecosystem, &name);
            let Some(found) = source.stated.iter().find(|stated| stated.for_whom.contains(&alias)) else {
                continue;
            };
            found.name.clone_into(&mut name);
            evidence.push(sighting(found, source, asked));
            let resolved = match &found.requirement {
                Requirement::Inherited(variable) => value_of(variable, sources, asked, &mut evidence),
                other => Some(other.clone()),
            };
            if let Some(resolved) = resolved {
                resolved.text().clone_into(&mut requirement);
                version = better(version, resolved.version());
            }
            break;
        }
        if evidence.is_empty() && !asked.requirement.is_empty() {
            version = value_of(&asked.requirement, sources, asked, &mut evidence)
                .and_then(|resolved| resolved.version());
        }
    }

    let is_offered = !evidence.is_empty();
    let known = Known::of(format.ecosystem, &name)?;
    // What the nearest lock that knows the package fixes.
    for source in sources
        .iter()
        .filter(|source| matches!(source.format.reader, Reader::Lock(_) | Reader::Constraints(_)))
    {
        if let Some(found) = pick(source, path, &name, &requirement, format.ecosystem) {
            version = better(found.requirement.version(), version);
            evidence.push(sighting(found, source, asked));
            break;
        }
    }
    // What phase one left to this one: what an accessor stands for, and what a workspace takes from the registry.
    let from_workspace = format.rule == "cargo-manifest" && asked.inherited && !folder(path).is_empty();
    if from_workspace && !is_offered {
        return None;
    }
    if name != asked.name || from_workspace {
        let place = Evidence::new(asked.span.clone(), format.rule, Method::Declared, asked.usage);
        evidence.push(place.snippet(&asked.snippet));
    }
    if evidence.is_empty() {
        return None;
    }
    let mut asset =
        known.asset(format!("linked:{}", key(format.ecosystem, &known.name)), format.ecosystem, &asked.scope);
    asset.version = version;
    asset.evidence = evidence;
    Some(asset)
}

/// The name under which a manifest offers a version to others.
fn inherited_name(ecosystem: &str, name: &str) -> String {
    if ecosystem == "nuget" { name.to_ascii_lowercase() } else { name.to_owned() }
}

/// The value of `${spring-ai.version}` or `$aiVersion` in a parent or a properties file, with its place as evidence.
fn value_of(
    text: &str,
    sources: &[Source<'_>],
    asked: &Asked,
    evidence: &mut Vec<Evidence>,
) -> Option<Requirement> {
    let name = text.trim_start_matches('$').trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
    let (source, (value, span, snippet)) =
        sources.iter().find_map(|source| Some((source, variable(source.of, name)?)))?;
    let found = crate::jvm::pom::version_of(&value);
    if matches!(found, Requirement::Inherited(_)) {
        return None;
    }
    let place = span.in_part(source.part);
    evidence.push(Evidence::new(place, source.format.rule, Method::Declared, asked.usage).snippet(&snippet));
    Some(found)
}

fn sighting(found: &Stated, source: &Source<'_>, asked: &Asked) -> Evidence {
    Evidence::new(found.span.clone().in_part(source.part), source.format.rule, Method::Declared, asked.usage)
        .snippet(&found.snippet)
}

/// The version of a lock that answers a manifest: of its own folder, of its own range, or the only one.
fn pick<'s>(
    source: &'s Source<'_>,
    path: &str,
    name: &str,
    requirement: &str,
    ecosystem: &str,
) -> Option<&'s Stated> {
    let wanted = key(ecosystem, name);
    let mut found: Vec<&Stated> = source
        .stated
        .iter()
        .filter(|stated| {
            matches!(stated.requirement, Requirement::Exact(_)) && key(ecosystem, &stated.name) == wanted
        })
        .collect();
    let own = |whom: &str| {
        let whom = whom.to_owned();
        move |stated: &&&Stated| stated.for_whom.contains(&whom)
    };
    match source.format.rule {
        "pnpm-lock" => found.iter().find(own(within(folder(path), folder(source.path)))).copied(),
        "npm-lock" => {
            let mine = found.iter().find(own(within(folder(path), folder(source.path))));
            mine.or_else(|| found.iter().find(own(""))).copied()
        }
        "yarn-lock" if found.len() > 1 => found.iter().find(own(requirement)).copied(),
        "cargo-lock" if found.len() > 1 => {
            let range = semver::VersionReq::parse(requirement).ok()?;
            found.retain(|stated| {
                semver::Version::parse(stated.requirement.text()).is_ok_and(|version| range.matches(&version))
            });
            found.first().copied()
        }
        _ if found.len() == 1 => found.first().copied(),
        _ => None,
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A folder as seen from another above it.
fn within<'p>(inner: &'p str, outer: &str) -> &'p str {
    if outer.is_empty() {
        inner
    } else {
        inner.strip_prefix(outer).map_or(inner, |rest| rest.trim_start_matches('/'))
    }
}
