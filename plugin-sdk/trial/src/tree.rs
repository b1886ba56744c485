//! What the host does around a plugin, in a hundred lines: scans the files of a tree, resolves wants, links.

use inventar_plugin_sdk::{Answer, File, LinkingDetector, Part, Subject, Want, Wanted};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Every file's answer after its link, and the paths of the parts its link spoke of.
pub fn scan<D: LinkingDetector>(
    files: &BTreeMap<String, Vec<u8>>,
) -> BTreeMap<String, (Answer, Vec<String>)> {
    let settings = D::Settings::default();
    let answers: BTreeMap<&String, Answer> = files
        .iter()
        .map(|(path, bytes)| (path, D::scan(&settings, &File::of(path, bytes.clone()))))
        .collect();
    let mut suffixes: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in files.keys() {
        suffixes.entry(path.rsplit('/').next().unwrap_or(path)).or_default().push(path);
    }
    let resolve = |want: &Want| -> Option<String> {
        want.paths.iter().find_map(|path| match path.strip_prefix("**/") {
            None => files.contains_key(path).then(|| path.clone()),
            Some(tail) => {
                let name = tail.rsplit('/').next().unwrap_or(tail);
                let whole = format!("/{tail}");
                let mut ends = suffixes
                    .get(name)
                    .into_iter()
                    .flatten()
                    .filter(|path| ***path == *tail || path.ends_with(&whole));
                let first = ends.next()?;
                ends.next().is_none().then(|| (*first).clone())
            }
        })
    };
    let mut out = BTreeMap::new();
    for (path, answer) in &answers {
        let subject = closure(path, &answers, &resolve);
        let mut all = answer.clone();
        if subject.parts.len() > 1 {
            let linked = D::link(&settings, &subject);
            for asset in linked.assets {
                match all.assets.iter_mut().find(|mine| mine.key == asset.key) {
                    Some(mine) => *mine = asset,
                    None => all.assets.push(asset),
                }
            }
            all.relations.extend(linked.relations);
        }
        out.insert((*path).clone(), (all, subject.parts.into_iter().map(|part| part.path).collect()));
    }
    out
}

/// As the host does it: a want of the file itself is followed, one that serves only for a name that was asked for.
fn closure(
    path: &str,
    answers: &BTreeMap<&String, Answer>,
    resolve: &dyn Fn(&Want) -> Option<String>,
) -> Subject {
    let mut parts =
        vec![Part { path: path.to_owned(), facts: answers[&path.to_owned()].facts.clone(), wants: vec![] }];
    let mut queue = VecDeque::new();
    let mut asked = BTreeSet::new();
    let add = |target: Option<String>, parts: &mut Vec<Part>| -> Option<u32> {
        let target = target?;
        let facts = answers.get(&target)?.facts.clone();
        let at = parts.iter().position(|part| part.path == target).unwrap_or_else(|| {
            parts.push(Part { path: target, facts, wants: vec![] });
            parts.len() - 1
        });
        Some(at as u32)
    };
    for want in answers[&path.to_owned()].wants.iter().filter(|want| want.serves.is_none()) {
        let part = add(resolve(want), &mut parts);
        parts[0].wants.push(Wanted { serves: None, name: want.name.clone(), part });
        if let (Some(part), Some(name)) = (part, &want.name) {
            queue.push_back((part, 1, name.clone()));
        }
    }
    while let Some((part, hop, name)) = queue.pop_front() {
        if part == 0 || hop >= 3 || !asked.insert((part, name.clone())) {
            continue;
        }
        let here = parts[part as usize].path.clone();
        for want in &answers[&here].wants {
            let there = match want.serves.as_deref() {
                Some("*") => Some(name.clone()),
                Some(serves) if serves == name => want.name.clone(),
                _ => continue,
            };
            let target = add(resolve(want), &mut parts);
            parts[part as usize].wants.push(Wanted {
                serves: Some(name.clone()),
                name: there.clone(),
                part: target,
            });
            if let (Some(target), Some(there)) = (target, there) {
                queue.push_back((target, hop + 1, there));
            }
        }
    }
    Subject { parts }
}
