//! The hunt for secrets: every usual spelling of them, wherever something could have come to rest.

use aho_corasick::AhoCorasick;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::fmt::Write;
use std::path::Path;

/// A secret that must come to rest nowhere.
#[derive(Debug, Clone)]
pub struct Canary {
    /// What it is called when it is found.
    pub name: String,
    /// The secret.
    pub value: String,
}

impl Canary {
    /// A secret.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }

    /// What gives it away: each long line of a key, else both halves of it. A part is too much already.
    fn parts(&self) -> Vec<&str> {
        let text = self.value.trim();
        if text.contains('\n') {
            return text.lines().filter(|line| line.len() >= 32 && !line.starts_with("-----")).collect();
        }
        assert!(text.len() >= 24 && text.is_ascii(), "the canary `{}` is too short", self.name);
        let (one, other) = text.split_at(text.len() / 2);
        vec![one, other]
    }
}

/// A text in every spelling that services and programs use, and what the spelling is called.
pub(crate) fn spellings(text: &str) -> Vec<(&'static str, String)> {
    let each = |spell: &dyn Fn(&mut String, u8)| {
        text.bytes().fold(String::new(), |mut all, byte| {
            spell(&mut all, byte);
            all
        })
    };
    let percent = |upper: bool, all: bool| {
        each(&|out, byte| {
            _ = match (byte.is_ascii_alphanumeric() && !all, upper) {
                (true, _) => write!(out, "{}", char::from(byte)),
                (false, true) => write!(out, "%{byte:02X}"),
                (false, false) => write!(out, "%{byte:02x}"),
            }
        })
    };
    let json = serde_json::to_string(text).expect("a text");
    let json = json[1..json.len() - 1].to_owned();
    let entities =
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut all = vec![
        ("plain", text.to_owned()),
        ("json", json.clone()),
        ("json with slashes escaped", json.replace('/', "\\/")),
        ("json in json", json.replace('\\', "\\\\").replace('"', "\\\"")),
        ("json, all escaped", each(&|out, byte| _ = write!(out, "\\u{byte:04x}"))),
        ("percent", percent(true, false)),
        ("percent in lower case", percent(false, false)),
        ("percent, all of it", percent(true, true)),
        ("percent twice", percent(true, false).replace('%', "%25")),
        ("form", percent(true, false).replace("%20", "+")),
        ("html", entities.replace('\'', "&#39;")),
        ("hex", each(&|out, byte| _ = write!(out, "{byte:02x}"))),
        ("hex in upper case", each(&|out, byte| _ = write!(out, "{byte:02X}"))),
    ];
    // At each of the three offsets that a text can have inside a longer one: the letters that are its own.
    for (offset, name) in ["base64", "base64 at offset 1", "base64 at offset 2"].into_iter().enumerate() {
        let shifted = [&b"\0\0"[..offset], text.as_bytes()].concat();
        let own = |encoded: String| encoded[[0, 2, 3][offset]..shifted.len() * 8 / 6].to_owned();
        all.push((name, own(STANDARD_NO_PAD.encode(&shifted))));
        all.push((name, own(URL_SAFE_NO_PAD.encode(&shifted))));
    }
    all
}

/// Looks for some canaries.
#[derive(Debug)]
pub struct Hunt {
    /// Canary and spelling of each needle.
    names: Vec<(String, &'static str)>,
    needles: AhoCorasick,
}

impl Hunt {
    /// For these, in every spelling and backwards.
    pub fn after(canaries: &[Canary]) -> Self {
        let (mut names, mut needles) = (vec![], vec![]);
        for canary in canaries {
            for part in canary.parts() {
                let backwards: String = part.chars().rev().collect();
                for (spelling, text) in spellings(part).into_iter().chain([("backwards", backwards)]) {
                    names.push((canary.name.clone(), spelling));
                    needles.push(text);
                }
            }
        }
        Self { names, needles: AhoCorasick::new(needles).expect("needles") }
    }

    /// What lies in a place, with what is around it.
    pub fn in_bytes(&self, place: &str, content: &[u8]) -> Vec<String> {
        self.needles
            .find_iter(content)
            .map(|find| {
                let (canary, spelling) = &self.names[find.pattern().as_usize()];
                let around = &content[find.start().saturating_sub(60)..find.start()];
                let around = String::from_utf8_lossy(around).escape_debug().to_string();
                format!("{canary} ({spelling}) in {place} at {}, after …{around}", find.start())
            })
            .collect()
    }

    /// What lies in a folder and the folders below it, also in the names of files.
    pub fn in_folder(&self, folder: &Path) -> Vec<String> {
        let (mut found, mut folders) = (vec![], vec![folder.to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in
                std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            {
                let path = entry.expect("an entry").path();
                let place = path.display().to_string();
                found.extend(self.in_bytes("the name of a file", place.as_bytes()));
                if path.is_dir() {
                    folders.push(path);
                } else if path.is_file() {
                    let content = std::fs::read(&path).unwrap_or_else(|error| panic!("{place}: {error}"));
                    found.extend(self.in_bytes(&place, &content));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canary() -> Canary {
        Canary::new("planted", ["kV7/wQx2+Lm9\"Rt4", "Zp8&Nc3<Jh6%Yb1Q"].concat())
    }

    #[test]
    fn a_planted_canary_is_found_in_every_spelling() {
        let hunt = Hunt::after(&[canary()]);
        for (spelling, text) in spellings(&canary().value) {
            let found = hunt.in_bytes("here", format!("before {text} after").as_bytes());
            assert!(!found.is_empty(), "{spelling}: {text}");
        }
        let backwards: String = canary().value.chars().rev().collect();
        assert!(!hunt.in_bytes("here", backwards.as_bytes()).is_empty());
        assert_eq!(hunt.in_bytes("here", b"kV7/wQx2+ and nothing more"), Vec::<String>::new());
    }

    #[test]
    fn half_of_it_is_enough_and_so_is_a_line_of_a_key() {
        let hunt = Hunt::after(&[canary()]);
        assert_eq!(hunt.in_bytes("here", &canary().value.as_bytes()[..16]).len(), 1);
        assert_eq!(hunt.in_bytes("here", &canary().value.as_bytes()[16..]).len(), 1);
        let line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
        let key = format!("-----BEGIN KEY-----\n{line}\nAAAA\n-----END KEY-----\n");
        assert_eq!(Hunt::after(&[Canary::new("key", key)]).in_bytes("here", line.as_bytes()).len(), 1);
    }

    #[test]
    fn a_planted_canary_is_found_in_a_file_and_in_its_name() {
        let folder = tempfile::tempdir().expect("it is there");
        let hunt = Hunt::after(&[canary()]);
        std::fs::create_dir(folder.path().join("below")).expect("it is there");
        std::fs::write(
            folder.path().join("below/data"),
            [&[0, 159, 146], canary().value.as_bytes()].concat(),
        )
        .expect("it is there");
        assert_eq!(hunt.in_folder(folder.path()).len(), 2, "both halves");
        let hex =
            &spellings(&canary().value).into_iter().find(|(name, _)| *name == "hex").expect("it is there").1;
        std::fs::write(folder.path().join(hex), "").expect("it is there");
        assert_eq!(hunt.in_folder(folder.path()).len(), 4);
    }
}
