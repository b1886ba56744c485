//! Phase one: one file.

use crate::asset::{Known, better, key, usage};
use crate::dependency::{Dependency, Lock, Manifest, Problem, Requirement};
use crate::facts;
use crate::format::{Format, Reader};
use crate::page::Page;
use inventar_plugin_sdk::{Answer, File, GapReason, Usage, Want};

/// The longest list of candidates for one want.
const MAX_PATHS: usize = 16;
/// More includes than this are not followed.
const MAX_INCLUDES: usize = 16;

/// What a file says by itself, and what it must ask others.
pub fn scan(file: &File) -> Answer {
    let mut answer = Answer::default();
    let Some(format) = Format::of(&file.path) else { return answer };
    let page = match Page::of(file) {
        Ok(page) => page,
        Err((reason, detail)) => {
            answer.gap(&file.path, reason, detail);
            return answer;
        }
    };
    if let Some(line) = page.broken {
        let detail = format!("line {line} is not UTF-8; the rest was read. Save the file as UTF-8");
        answer.unparsable(&file.path, detail);
    }
    let stem = file.name().rsplit_once('.').map_or(file.name(), |(stem, _)| stem);
    match format.reader {
        Reader::Lock(read) => tell_lock(&read(&page.text), file, format, &page, &mut answer),
        Reader::Constraints(read) => tell_offers(&read(&page.text, stem), file, format, &page, &mut answer),
        Reader::Manifest(read) => {
            let manifest = read(&page.text, stem);
            tell_dependencies(&manifest, file, format, &page, &mut answer);
            tell_offers(&manifest, file, format, &page, &mut answer);
            ask(&manifest, file, format, &mut answer);
        }
    }
    answer
}

fn tell_dependencies(manifest: &Manifest, file: &File, format: Format, page: &Page<'_>, answer: &mut Answer) {
    let mut asked: Vec<(&Dependency, Usage)> = vec![];
    for dependency in &manifest.dependencies {
        let usage = usage(dependency, &file.path);
        if dependency.name.starts_with("libs.") {
            asked.push((dependency, usage));
            continue;
        }
        let Some(known) = Known::of(format.ecosystem, &dependency.name) else { continue };
        if !matches!(dependency.requirement, Requirement::Exact(_)) {
            asked.push((dependency, usage));
        }
        if waits_for_workspace(dependency, format, file) {
            continue;
        }
        let mut evidence = page.evidence(&dependency.at, format.rule, usage);
        if !dependency.direct {
            evidence = evidence.confidence(60);
        }
        let key = key(format.ecosystem, &known.name);
        let version = dependency.requirement.version();
        match answer.assets.iter_mut().find(|asset| asset.key == key) {
            Some(asset) => {
                asset.version = better(asset.version.take(), version);
                asset.evidence.push(evidence);
            }
            None => {
                let mut asset = known.asset(key, format.ecosystem, &dependency.scope).seen(evidence);
                asset.version = version;
                if !dependency.direct {
                    asset = asset.property("direct", false);
                }
                answer.asset(asset);
            }
        }
    }
    // A version catalogue only names versions; the build files that use an entry say how.
    for (offered, requirement) in manifest.offered.iter().filter(|_| format.rule == "gradle-catalog") {
        let Some(known) = Known::of(format.ecosystem, &offered.name) else { continue };
        let key = key(format.ecosystem, &known.name);
        if !offered.for_whom.starts_with("libs.bundles.")
            && !answer.assets.iter().any(|asset| asset.key == key)
        {
            let evidence = page.evidence(&offered.at, format.rule, Usage::Mentioned).confidence(80);
            let mut asset = known.asset(key, format.ecosystem, "").seen(evidence);
            asset.version = requirement.version();
            answer.asset(asset);
        }
    }
    tell(facts::asked(asked.into_iter(), page), "asked", file, answer);
    tell_problems(&manifest.problems, file, page, answer);
}

/// Whether only the workspace can tell a crate of the registry from one of the same repository. A manifest at the root
/// of the source has nobody above to ask.
fn waits_for_workspace(dependency: &Dependency, format: Format, file: &File) -> bool {
    format.rule == "cargo-manifest"
        && matches!(dependency.requirement, Requirement::Inherited(_))
        && !file.folder().is_empty()
}

/// What other manifests may take from this one: pins for those that name it as constraints, offers, variables.
fn tell_offers(manifest: &Manifest, file: &File, format: Format, page: &Page<'_>, answer: &mut Answer) {
    let pins: Vec<crate::dependency::Locked> = match format.rule {
        "pypi-constraints" | "pypi-requirements" => manifest.dependencies.iter().filter_map(pin).collect(),
        _ => vec![],
    };
    let offers = manifest.offered.iter().map(|(offered, requirement)| match requirement {
        Requirement::Inherited(variable) => {
            (crate::dependency::Locked { version: variable.clone(), ..offered.clone() }, 'i')
        }
        other => (offered.clone(), facts::form(other)),
    });
    let all: Vec<_> = pins.into_iter().map(|pin| (pin, 'e')).chain(offers).collect();
    let known = all.iter().filter(|(entry, _)| Known::of(format.ecosystem, &entry.name).is_some());
    tell(facts::stated(known.map(|(entry, form)| (entry, *form)), page), "stated", file, answer);
    tell(facts::variables(&manifest.variables, page), "variables", file, answer);
    if matches!(format.reader, Reader::Constraints(_)) {
        tell_problems(&manifest.problems, file, page, answer);
    }
}

fn pin(dependency: &Dependency) -> Option<crate::dependency::Locked> {
    let Requirement::Exact(version) = &dependency.requirement else { return None };
    Some(crate::dependency::Locked {
        name: dependency.name.clone(),
        version: version.clone(),
        for_whom: String::new(),
        at: dependency.at.clone(),
    })
}

fn tell_lock(lock: &Lock, file: &File, format: Format, page: &Page<'_>, answer: &mut Answer) {
    let known = lock.entries.iter().filter(|entry| Known::of(format.ecosystem, &entry.name).is_some());
    tell(facts::stated(known.map(|entry| (entry, 'e')), page), "stated", file, answer);
    tell_problems(&lock.problems, file, page, answer);
}

fn tell(rows: facts::Rows, fact: &str, file: &File, answer: &mut Answer) {
    if rows.cut {
        let reason = GapReason::Unsupported("more than 16 KiB of facts".into());
        answer.gap(&file.path, reason, "some of its packages keep the version that their manifest states");
    }
    if let Some(json) = rows.into_json() {
        answer.fact(fact, json);
    }
}

fn tell_problems(problems: &[Problem], file: &File, page: &Page<'_>, answer: &mut Answer) {
    for problem in problems {
        let line = page.line(problem.at.min(page.text.len()));
        let what = problem.what.lines().next().unwrap_or_default();
        answer.unparsable(
            &file.path,
            format!("line {line}: {what}; what stands before it was read. Mend the line and scan again"),
        );
    }
}

/// Wants: the locks and manifests that say more, in the same folder and above; includes; parents.
fn ask(manifest: &Manifest, file: &File, format: Format, answer: &mut Answer) {
    for include in manifest.includes.iter().take(MAX_INCLUDES) {
        if let Some(path) = join(file.folder(), &include.path) {
            answer.want(Want::file(vec![path]));
        }
    }
    if !answer.facts.iter().any(|fact| fact.name == "asked") {
        return;
    }
    for name in format.asks {
        answer.want(Want::file(upwards(file.folder(), name)));
    }
    if format.rule == "cargo-manifest" && inherits(manifest) {
        // The workspace is above; the file itself is no candidate.
        answer.want(Want::file(upwards(parent(file.folder()), "Cargo.toml")));
    }
}

fn inherits(manifest: &Manifest) -> bool {
    manifest.dependencies.iter().any(|dependency| matches!(dependency.requirement, Requirement::Inherited(_)))
}

fn parent(folder: &str) -> &str {
    folder.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// A file name in a folder and in every folder above, nearest first.
fn upwards(folder: &str, name: &str) -> Vec<String> {
    let mut paths = vec![];
    let mut folder = folder;
    while paths.len() < MAX_PATHS {
        if folder.is_empty() {
            paths.push(name.to_owned());
            break;
        }
        paths.push(format!("{folder}/{name}"));
        folder = parent(folder);
    }
    paths
}

/// A path as seen from a folder; none if it leaves the source.
fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') || path.contains("${") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        assert_eq!(upwards("a/b", "x"), ["a/b/x", "a/x", "x"]);
        assert_eq!(join("a/b", "../c.txt").as_deref(), Some("a/c.txt"));
        assert_eq!(join("", "../c.txt"), None);
        assert_eq!(join("a", "/etc/passwd"), None);
    }
}
