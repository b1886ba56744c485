//! Tar archives by ranges: PyTorch's oldest format, and NeMo's.

use crate::bytes::{ReadAt, Window};
use crate::card;
use crate::model::{Danger, Flag, Model, Unread};
use crate::pickle;
use serde_json::Value as Json;

/// Members that are looked at.
const MAX_MEMBERS: usize = 4096;
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
pub fn read(bytes: &dyn ReadAt) -> Model {
    let mut model = Model::new("tar");
    let members = members(bytes, &mut model);
    let has = |name: &str| members.iter().any(|member| member.name == name);
    let nemo = members.iter().find(|member| member.name == "model_config.yaml");
    if has("pickle") && has("storages") && has("tensors") {
        model.format = "pytorch-tar";
        model.set("framework", "pytorch");
        model.is_judged = true;
    } else if let Some(config) = nemo {
        model.format = "nemo";
        model.set("framework", "nemo");
        let text = bytes.read_at(config.start, (config.size as usize).min(MAX_TEXT));
        match std::str::from_utf8(&text).ok().and_then(card::yaml) {
            Some(yaml) => {
                model.set("model_class", yaml.get("target").and_then(Json::as_str));
                targets(&yaml, config, &mut model);
                model.is_judged = true;
            }
            None => model.broken("`model_config.yaml` is not YAML", config.start),
        }
    }
    for member in &members {
        let content = Window::new(bytes, member.start, member.size);
        let Some(walk) = pickle::walk(&content) else { continue };
        pickle::describe(&walk, Some(&member.name), &mut model);
    }
    if model.format == "tar" && !model.metadata.contains_key("globals") {
        model.flags.clear();
    }
    model
}

fn members(bytes: &dyn ReadAt, model: &mut Model) -> Vec<Member> {
    let mut members = vec![];
    let mut at = 0u64;
    while at + BLOCK <= bytes.size() {
        let header = bytes.read_at(at, BLOCK as usize);
        if header.len() < BLOCK as usize || header.iter().all(|byte| *byte == 0) {
            break;
        }
        if members.len() >= MAX_MEMBERS {
            model.unread.push(Unread::TooLarge(
                MAX_MEMBERS as u64,
                "the archive has more members than are looked at".into(),
            ));
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
        let name = text(0..100);
        let start = at + BLOCK;
        let Some(next) = size.checked_next_multiple_of(BLOCK).and_then(|size| start.checked_add(size)) else {
            model.broken("a member of the archive goes past the end", at);
            break;
        };
        if name.starts_with('/') || name.split('/').any(|part| part == "..") {
            model.flags.push(Flag {
                danger: Danger::Unsafe,
                technique: "member-path-traversal",
                what: name.clone(),
                at,
                member: None,
            });
        }
        let is_file = matches!(header[156], b'0' | 0);
        if is_file {
            members.push(Member { name: name.trim_start_matches("./").to_owned(), start, size });
        }
        at = next;
    }
    members
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
                    if let Some((Danger::Unsafe, _)) =
                        pickle::danger(&callable, true).filter(|_| pickle::is_standard(target))
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
            (vec![("a.txt", &b"hello"[..])], "tar", None),
        ] {
            let model = read(&tar(&files));
            assert_eq!((model.format, model.verdict()), (format, verdict));
        }
    }

    proptest! {
        #[test]
        fn mutations_do_not_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = tar(&[("pickle", b"\x80\x02N."), ("model_config.yaml", b"target: x.Y\n")]);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            read(&bytes);
        }
    }
}
