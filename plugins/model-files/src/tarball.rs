//! Tar archives by ranges: PyTorch's oldest format, and NeMo's.

use crate::bytes::{ReadAt, Window};
use crate::container::{self, Budget, leaves_folder};
use crate::model::{Danger, Model, Unread};
use crate::{card, format, pickle};
use serde_json::Value as Json;

/// Members that are looked at.
const MAX_MEMBERS: usize = 100_000;
/// A description in the archive is read up to here.
const MAX_TEXT: usize = 256 << 10;
const BLOCK: u64 = 512;

struct Member {
    name: String,
    start: u64,
    size: u64,
}

/// Whether a header block stands at the start.
pub fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// Reads the members that describe, and those that are pickles.
pub fn read(bytes: &dyn ReadAt, budget: &Budget) -> Model {
    let mut model = Model::new("tar");
    model.is_judged = true;
    let (members, links) = members(bytes, &mut model);
    let has = |name: &str| members.iter().any(|member| member.name == name);
    let nemo = members.iter().find(|member| member.name == "model_config.yaml");
    if has("pickle") && has("storages") && has("tensors") {
        model.format = "pytorch-tar";
        model.set("framework", "pytorch");
    } else if let Some(config) = nemo {
        model.format = "nemo";
        model.set("framework", "nemo");
        let text = bytes.read_at(config.start, (config.size as usize).min(MAX_TEXT));
        match std::str::from_utf8(&text).ok().and_then(card::yaml) {
            Some(yaml) => {
                model.set("model_class", yaml.get("target").and_then(Json::as_str));
                targets(&yaml, config, &mut model);
            }
            None => model.broken("`model_config.yaml` is not YAML", config.start),
        }
    }
    let is_loaded = model.format != "tar";
    if is_loaded {
        for (name, target, at) in links {
            if leaves_folder(&target) {
                model.flag(Danger::Unsafe, "link-leaves-archive", format!("{name} -> {target}"), at);
            }
        }
    }
    for member in &members {
        let content = Window::new(bytes, member.start, member.size);
        let head = content.read_at(0, 512);
        if !is_loaded && !format::is_worth_opening(&head) || head.is_empty() {
            continue;
        }
        if let Some(inner) = container::look(&member.name, &content, budget, &mut model)
            && model.format == "nemo"
        {
            for key in ["parameters", "tensor_count", "dtypes"] {
                model.set(key, inner.metadata.get(key).cloned().unwrap_or_default());
            }
        }
    }
    model
}

type Links = Vec<(String, String, u64)>;

fn members(bytes: &dyn ReadAt, model: &mut Model) -> (Vec<Member>, Links) {
    let (mut members, mut links) = (vec![], vec![]);
    let mut long_name = None;
    let mut at = 0u64;
    while at + BLOCK <= bytes.size() {
        let header = bytes.read_at(at, BLOCK as usize);
        if header.len() < BLOCK as usize || header.iter().all(|byte| *byte == 0) {
            break;
        }
        if members.len() >= MAX_MEMBERS {
            let unread = "the archive has more members than are looked at".into();
            model.unread.push(Unread::TooLarge(MAX_MEMBERS as u64, unread));
            break;
        }
        let text = |range: std::ops::Range<usize>| {
            let field = &header[range];
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let Some(size) = number(&header[124..136]) else {
            model.broken("a member of the archive has no size", at);
            break;
        };
        let start = at + BLOCK;
        let Some(next) = size.checked_next_multiple_of(BLOCK).and_then(|size| start.checked_add(size)) else {
            model.broken("a member of the archive goes past the end", at);
            break;
        };
        let body = || String::from_utf8_lossy(&bytes.read_at(start, size.min(4096) as usize)).into_owned();
        match header[156] {
            // A name too long for the header, in GNU's way and in POSIX'.
            b'L' => long_name = Some(body().trim_end_matches('\0').to_owned()),
            b'x' => long_name = pax_path(&body()).or(long_name),
            kind => {
                let prefix = if &header[257..263] == b"ustar\0" { text(345..500) } else { String::new() };
                let short =
                    if prefix.is_empty() { text(0..100) } else { format!("{prefix}/{}", text(0..100)) };
                let name = long_name.take().unwrap_or(short);
                if leaves_folder(&name) {
                    model.flag(Danger::Unsafe, "member-path-traversal", &name, at);
                }
                match kind {
                    b'0' | 0 => {
                        members.push(Member { name: name.trim_start_matches("./").to_owned(), start, size });
                    }
                    b'1' | b'2' if links.len() < MAX_MEMBERS => links.push((name, text(157..257), at)),
                    _ => {}
                }
            }
        }
        at = next;
    }
    (members, links)
}

/// The `path` record of an extended header: `27 path=a/long/name\n`.
fn pax_path(records: &str) -> Option<String> {
    records.lines().find_map(|record| record.split_once(' ')?.1.strip_prefix("path=")).map(str::to_owned)
}

/// Octal digits, or a big-endian number behind a set high bit.
fn number(field: &[u8]) -> Option<u64> {
    if field.first()? & 0x80 != 0 {
        let digits = &field[field.len() - 8..];
        return field[1..field.len() - 8]
            .iter()
            .all(|byte| *byte == 0)
            .then(|| digits.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    u64::from_str_radix(text, 8).ok()
}

/// Functions that run or unpickle what they are given, whoever has them.
const LOADERS: &[&str] =
    &["eval", "exec", "load", "load_library", "load_model", "loads", "popen", "read_pickle", "run", "system"];

/// `_target_` names what hydra calls: anything of the standard library is no part of a model.
fn targets(yaml: &Json, config: &Member, model: &mut Model) {
    match yaml {
        Json::Object(entries) => {
            for (key, value) in entries {
                if let (true, Some(target)) = (key == "_target_" || key == "target", value.as_str()) {
                    let callable = target
                        .rsplit_once('.')
                        .map(|(module, name)| format!("{module}\0{name}"))
                        .unwrap_or_default();
                    let last = target.rsplit('.').next().unwrap_or_default();
                    let runs =
                        pickle::is_standard(target) || pickle::is_running(target) || LOADERS.contains(&last);
                    if matches!(pickle::danger(&callable, pickle::Use::Called), Some((Danger::Unsafe, _)) if runs)
                    {
                        model.flag(Danger::Unsafe, "target-injection", target, config.start);
                    }
                }
                targets(value, config, model);
            }
        }
        Json::Array(items) => items.iter().for_each(|item| targets(item, config, model)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = vec![];
        for (name, content) in files {
            let mut header = vec![0u8; 512];
            header[..name.len()].copy_from_slice(name.as_bytes());
            header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
            header[156] = b'0';
            header[257..262].copy_from_slice(b"ustar");
            out.extend(header);
            out.extend(*content);
            out.resize(out.len().next_multiple_of(512), 0);
        }
        out.resize(out.len() + 1024, 0);
        out
    }

    #[test]
    fn archives() {
        let payload = b"cos\nsystem\n(S'true'\ntR.";
        for (files, format, verdict) in [
            (
                vec![("pickle", &payload[..]), ("storages", b""), ("tensors", b"")],
                "pytorch-tar",
                Some("unsafe"),
            ),
            (
                vec![("pickle", &b"\x80\x02N."[..]), ("storages", b""), ("tensors", b"")],
                "pytorch-tar",
                Some("benign"),
            ),
            (
                vec![("model_config.yaml", &b"target: nemo.collections.asr.models.EncDecCTCModel\n"[..])],
                "nemo",
                Some("benign"),
            ),
            (
                vec![("./model_config.yaml", &b"target: x.Y\ninit:\n  _target_: os.system\n"[..])],
                "nemo",
                Some("unsafe"),
            ),
            (vec![("a.txt", &b"hello"[..])], "tar", Some("benign")),
        ] {
            let model = read(&tar(&files), &Budget::default());
            assert_eq!((model.format, model.verdict()), (format, verdict));
        }
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = tar(&[("pickle", b"\x80\x02N."), ("model_config.yaml", b"target: x.Y\n")]);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read(&bytes, &Budget::default());
        }
    }
}
