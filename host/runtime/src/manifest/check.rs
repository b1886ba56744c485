//! From what is written to what is valid.

use super::wire::{self, Size, Wire, unhex};
use super::{Claim, LinkRules, Magic, Manifest, ManifestError, RequestedLimits, World, permission, schema};
use inventar_model::{AssetKind, PluginId};
use std::collections::BTreeSet;

/// Features of manifests beyond schema 1 that this host understands.
const UNDERSTOOD: &[&str] = &[];

const MAX_CLAIMS: usize = 64;
const MAX_KINDS: usize = 128;
const MAX_GLOBS: usize = 256;
const MAX_LITERALS: usize = 20_000;
const MAX_LITERAL_BYTES: usize = 256;
const MAX_REGEXES: usize = 64;
const MAX_REGEX_BYTES: usize = 4096;
const MAX_REGEX_PROGRAM: usize = 1 << 20;
const MAX_MAGIC: usize = 64;
const MAX_DESCRIPTION: usize = 512;

pub(super) fn invalid<T>(at: impl Into<String>, why: impl Into<String>) -> Result<T, ManifestError> {
    Err(ManifestError::Invalid { at: at.into(), why: why.into() })
}

pub(super) fn at_most(at: &str, count: usize, most: usize) -> Result<(), ManifestError> {
    if count > most { invalid(at, format!("{count} are more than {most}")) } else { Ok(()) }
}

pub(super) fn manifest(wire: Wire) -> Result<Manifest, ManifestError> {
    if wire.schema != 1 {
        return Err(ManifestError::Newer { what: format!("manifest schema {}", wire.schema) });
    }
    if let Some(feature) = wire.must_understand.iter().find(|feature| !UNDERSTOOD.contains(&feature.as_str()))
    {
        return Err(ManifestError::Newer {
            what: format!("`{}`, which it must understand", printable(feature)),
        });
    }
    min_host(wire.min_host.as_deref())?;
    let world = match World::from_word(&wire.world) {
        Some(world) => world,
        None => return invalid("world", "it is none of `detector`, `linking-detector` and `collector`"),
    };
    if semver::Version::parse(&wire.version).is_err() || wire.version.len() > 64 {
        return invalid("version", "it is not a semantic version such as 1.2.3");
    }
    let description = wire.description.trim().to_owned();
    if description.is_empty()
        || description.len() > MAX_DESCRIPTION
        || description.chars().any(char::is_control)
    {
        return invalid("description", "it must be one line of 1 to 512 bytes");
    }
    let size = |at: &str, size: &Option<Size>, default, ceiling| match size.as_ref().map(Size::bytes) {
        None => Ok(default),
        Some(Some(bytes)) if bytes <= ceiling => Ok(bytes),
        Some(Some(bytes)) => invalid(at, format!("{bytes} bytes are more than the ceiling of {ceiling}")),
        Some(None) => invalid(at, "it is neither a number of bytes nor a text such as \"64 KiB\""),
    };
    if world != World::Collector && !(wire.credential.is_empty() && wire.egress.is_empty()) {
        return invalid("egress", "only a `collector` calls anything");
    }
    let claims = claims(wire.claim, world)?;
    if world == World::Collector && wire.egress.is_empty() {
        return invalid("egress", "a collector that may call nothing finds nothing");
    }
    let credentials = permission::slots(wire.credential)?;
    let egress = permission::egress(wire.egress, &credentials)?;
    Ok(Manifest {
        credentials,
        egress,
        id: PluginId::new(wire.id).or_else(|error| invalid("id", error.to_string()))?,
        version: wire.version,
        world,
        description,
        min_host: wire.min_host,
        must_understand: wire.must_understand,
        kinds: kinds(wire.kinds)?,
        inline_max: size(
            "detect.inline-max",
            &wire.detect.inline_max,
            Manifest::INLINE_DEFAULT,
            Manifest::INLINE_CEILING,
        )?,
        head: size("detect.head", &wire.detect.head, Manifest::HEAD_DEFAULT, Manifest::HEAD_CEILING)?,
        claims,
        link: link(wire.link, world)?,
        settings_schema: wire.settings.schema.map(|value| schema::schema(&value)).transpose()?,
        limits: limits(&wire.limits)?,
    })
}

/// A foreign text in a message: short and without control characters.
fn printable(text: &str) -> String {
    text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn min_host(version: Option<&str>) -> Result<(), ManifestError> {
    let Some(text) = version else { return Ok(()) };
    let Ok(wanted) = semver::Version::parse(text) else {
        return invalid("min-host", "it is not a semantic version such as 0.1.0");
    };
    match semver::Version::parse(env!("CARGO_PKG_VERSION")) {
        Ok(host) if host < wanted => {
            Err(ManifestError::Newer { what: format!("Inventar {wanted} or newer") })
        }
        _ => Ok(()),
    }
}

fn kinds(words: Vec<String>) -> Result<Vec<AssetKind>, ManifestError> {
    at_most("kinds", words.len(), MAX_KINDS)?;
    let kinds: Vec<AssetKind> = words
        .into_iter()
        .map(|word| AssetKind::new(word).or_else(|error| invalid("kinds", error.to_string())))
        .collect::<Result<_, _>>()?;
    match kinds.iter().enumerate().find(|(at, kind)| kinds[..*at].contains(kind)) {
        Some((_, twice)) => invalid("kinds", format!("`{twice}` is there twice")),
        None => Ok(kinds),
    }
}

fn link(link: Option<wire::Link>, world: World) -> Result<Option<LinkRules>, ManifestError> {
    if world != World::LinkingDetector {
        return match link {
            Some(_) => invalid("link", "only a `linking-detector` links"),
            None => Ok(None),
        };
    }
    let link = link.unwrap_or_default();
    at_most("link.pulls", link.pulls.len(), MAX_GLOBS)?;
    link.pulls.iter().try_for_each(|pattern| glob("link.pulls", pattern))?;
    let hops = link.hops.unwrap_or(LinkRules::MAX_HOPS);
    if hops > LinkRules::MAX_HOPS {
        return invalid("link.hops", format!("{hops} is more than {}", LinkRules::MAX_HOPS));
    }
    Ok(Some(LinkRules { pulls: link.pulls, hops }))
}

fn limits(limits: &wire::Limits) -> Result<RequestedLimits, ManifestError> {
    if limits.memory_mib.is_some_and(|mib| !(1..=4096).contains(&mib)) {
        return invalid("limits.memory-mib", "it must be 1 to 4096");
    }
    if limits.compute_ms.is_some_and(|ms| !(1..=600_000).contains(&ms)) {
        return invalid("limits.compute-ms", "it must be 1 to 600000");
    }
    Ok(RequestedLimits { memory_mib: limits.memory_mib, compute_ms: limits.compute_ms })
}

fn claims(claims: Vec<wire::Claim>, world: World) -> Result<Vec<Claim>, ManifestError> {
    if world == World::Collector {
        return if claims.is_empty() { Ok(vec![]) } else { invalid("claim", "a collector claims no files") };
    }
    if claims.is_empty() {
        return invalid("claim", "a detector without a claim never sees a file");
    }
    at_most("claim", claims.len(), MAX_CLAIMS)?;
    let mut names = BTreeSet::new();
    claims
        .into_iter()
        .map(|wire| {
            if !is_kebab(&wire.name) {
                return invalid(
                    "claim.name",
                    "it must be lower-case words of at most 64 bytes, joined by hyphens",
                );
            }
            if !names.insert(wire.name.clone()) {
                return invalid("claim.name", format!("`{}` is there twice", wire.name));
            }
            let at = format!("claim.{}", wire.name);
            claim(&at, wire)
        })
        .collect()
}

fn claim(at: &str, wire: wire::Claim) -> Result<Claim, ManifestError> {
    at_most(&format!("{at}.globs"), wire.globs.len(), MAX_GLOBS)?;
    wire.globs.iter().try_for_each(|pattern| glob(&format!("{at}.globs"), pattern))?;
    at_most(&format!("{at}.regexes"), wire.regexes.len(), MAX_REGEXES)?;
    wire.regexes.iter().try_for_each(|pattern| regex(&format!("{at}.regexes"), pattern))?;
    let max_size = match wire.max_size.as_ref().map(Size::bytes) {
        Some(None) => return invalid(format!("{at}.max-size"), "it is no size such as \"64 MiB\""),
        size => size.flatten(),
    };
    let claim = Claim {
        name: wire.name,
        globs: wire.globs,
        literals: literals(&format!("{at}.literals"), wire.literals, &wire.literals_hex)?,
        ignore_case: wire.ignore_case,
        regexes: wire.regexes,
        magic: magic(&format!("{at}.magic"), &wire.magic)?,
        ignored: wire.ignored,
        max_size,
    };
    if claim.globs.is_empty() && claim.by_name_alone() {
        return invalid(at, "it has neither globs nor literals, regexes or magic: it would be every file");
    }
    Ok(claim)
}

/// Sorted and each once, so that the order in a file means nothing.
fn literals(at: &str, texts: Vec<String>, hex: &[String]) -> Result<Vec<Vec<u8>>, ManifestError> {
    at_most(at, texts.len() + hex.len(), MAX_LITERALS)?;
    let mut all: BTreeSet<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    for text in hex {
        match unhex(text) {
            Some(bytes) => drop(all.insert(bytes)),
            None => return invalid(at, "a literal in hex is not hex"),
        }
    }
    if all.iter().any(|literal| literal.len() < 2 || literal.len() > MAX_LITERAL_BYTES) {
        return invalid(at, "a literal must have 2 to 256 bytes");
    }
    Ok(all.into_iter().collect())
}

fn magic(at: &str, wire: &[wire::Magic]) -> Result<Vec<Magic>, ManifestError> {
    at_most(at, wire.len(), MAX_MAGIC)?;
    wire.iter()
        .map(|magic| match unhex(&magic.bytes) {
            Some(bytes) if bytes.is_empty() => invalid(at, "it has no bytes"),
            Some(bytes) if magic.offset.saturating_add(bytes.len() as u64) > Magic::REACH => {
                invalid(at, format!("it reaches beyond the first {} bytes", Magic::REACH))
            }
            Some(bytes) => Ok(Magic { offset: magic.offset, bytes }),
            None => invalid(at, "`bytes` is not hex"),
        })
        .collect()
}

fn glob(at: &str, pattern: &str) -> Result<(), ManifestError> {
    let shown = printable(pattern);
    if pattern.is_empty() || pattern.len() > 256 || pattern.chars().any(char::is_control) {
        return invalid(at, format!("`{shown}` must have 1 to 256 printable bytes"));
    }
    if pattern.starts_with('/') || pattern.contains('\\') || pattern.split('/').any(|part| part == "..") {
        return invalid(at, format!("`{shown}` must stay below the source root, with `/` between folders"));
    }
    match globset::GlobBuilder::new(pattern).literal_separator(true).build() {
        Ok(_) => Ok(()),
        Err(error) => invalid(at, format!("`{shown}` is no glob: {}", error.kind())),
    }
}

fn regex(at: &str, pattern: &str) -> Result<(), ManifestError> {
    if pattern.len() > MAX_REGEX_BYTES {
        return invalid(at, format!("a pattern has more than {MAX_REGEX_BYTES} bytes"));
    }
    let shown = printable(pattern);
    match regex::bytes::RegexBuilder::new(pattern).size_limit(MAX_REGEX_PROGRAM).build() {
        Ok(regex) if regex.is_match(b"") => invalid(at, format!("`{shown}` matches nothing at all")),
        Ok(_) => Ok(()),
        Err(error) => invalid(at, format!("`{shown}` is no pattern: {error}")),
    }
}

pub(super) fn is_kebab(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
