//! What the host does around the plugin, in a hundred lines: scans the files of a tree, resolves wants, links.

use inventar_plugin_python::Python;
use inventar_plugin_sdk::{Answer, Detector, File, LinkingDetector, NoSettings, Part, Subject, Want, Wanted};
use std::collections::{BTreeMap, VecDeque};

/// Every file's answer after its link, and the paths of the parts its link spoke of.
pub fn scan(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, (Answer, Vec<String>)> {
    let settings = NoSettings::default();
    let answers: BTreeMap<&String, Answer> = files
        .iter()
        .map(|(path, bytes)| (path, Python::scan(&settings, &File::of(path, bytes.clone()))))
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
            let linked = Python::link(&settings, &subject);
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

fn closure(
    path: &str,
    answers: &BTreeMap<&String, Answer>,
    resolve: &dyn Fn(&Want) -> Option<String>,
) -> Subject {
    let mut order = vec![path.to_owned()];
    let mut queue = VecDeque::from([(path.to_owned(), None::<Vec<String>>)]);
    let mut resolved: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    while let Some((at, names)) = queue.pop_front() {
        let answer = &answers[&at];
        let mut here = resolved.remove(&at).unwrap_or_else(|| vec![None; answer.wants.len()]);
        for (want, slot) in answer.wants.iter().zip(&mut here) {
            let asked = match (&want.serves, &names) {
                (None, None) => true,
                (Some(serves), Some(names)) => names.contains(serves),
                _ => false,
            };
            if !asked || slot.is_some() {
                continue;
            }
            *slot = resolve(want);
            if let Some(target) = slot.clone().filter(|target| answers.contains_key(target)) {
                if !order.contains(&target) {
                    order.push(target.clone());
                }
                if order.len() < 64 && queue.len() < 500 {
                    // Names may be handed on under another one: ask for what the facts mention too.
                    let mut names: Vec<String> = want.name.clone().into_iter().collect();
                    for name in names.clone() {
                        if let Some(fact) = answers[&target].facts.iter().find(|fact| fact.name == name)
                            && let inventar_plugin_sdk::Value::Json(text) = &fact.value
                        {
                            names.extend(
                                text.split("\"i\":\"")
                                    .skip(1)
                                    .filter_map(|rest| rest.split('"').next())
                                    .map(str::to_owned),
                            );
                        }
                    }
                    queue.push_back((target, Some(names)));
                }
            }
        }
        resolved.insert(at, here);
    }
    let index = |path: &String| order.iter().position(|other| other == path).map(|at| at as u32);
    let parts = order.iter().map(|path| {
        let answer = &answers[path];
        let none = vec![None; answer.wants.len()];
        let resolved = resolved.get(path).unwrap_or(&none);
        let wanted = |(want, target): (&Want, &Option<String>)| Wanted {
            serves: want.serves.clone(),
            name: want.name.clone(),
            part: target.as_ref().and_then(index),
        };
        Part {
            path: path.clone(),
            facts: answer.facts.clone(),
            wants: answer.wants.iter().zip(resolved).map(wanted).collect(),
        }
    });
    Subject { parts: parts.collect() }
}
