//! Answers laid out in a guest's memory by hand, so that every field can be wrong.

use crate::guest::{BASE, scanning_with};

/// The memory of a guest from [`BASE`] on.
pub(crate) struct Image(Vec<u8>);

/// A list or string: where and how long.
pub(crate) type List = (u32, u32);

/// Fields of a piece of evidence that tests bend.
#[derive(Clone, Copy)]
pub(crate) struct Evidence {
    pub(crate) place: u8,
    pub(crate) part: u32,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) rule: &'static str,
    pub(crate) method: u8,
    pub(crate) usage: u8,
    pub(crate) confidence: u8,
    pub(crate) snippet: Option<&'static str>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self {
            place: 0,
            part: 0,
            start: 0,
            end: 6,
            rule: "import",
            method: 1,
            usage: 0,
            confidence: 90,
            snippet: Some("import acme"),
        }
    }
}

/// Fields of an asset.
pub(crate) struct Asset<'a> {
    pub(crate) key: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) name: &'a str,
    pub(crate) version: Option<(u8, &'a str)>,
    pub(crate) identifiers: &'a [(&'a str, &'a str)],
    pub(crate) properties: List,
    pub(crate) evidence: &'a [Evidence],
}

impl Default for Asset<'_> {
    fn default() -> Self {
        const ONE: &[Evidence] = &[Evidence {
            place: 0,
            part: 0,
            start: 0,
            end: 6,
            rule: "import",
            method: 1,
            usage: 0,
            confidence: 90,
            snippet: Some("import acme"),
        }];
        Self {
            key: "k",
            kind: "sdk",
            name: "acme",
            version: None,
            identifiers: &[],
            properties: (0, 0),
            evidence: ONE,
        }
    }
}

/// The lists of an answer.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) id: u32,
    pub(crate) assets: List,
    pub(crate) relations: List,
    pub(crate) findings: List,
    pub(crate) gaps: List,
    pub(crate) facts: List,
    pub(crate) wants: List,
}

impl Image {
    /// Room for the result comes first.
    fn new() -> Self {
        Self(vec![0; 64])
    }

    /// Raw bytes, aligned to 8.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> u32 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let at = BASE + self.0.len() as u32;
        self.0.extend_from_slice(bytes);
        at
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> List {
        (self.put(bytes), bytes.len() as u32)
    }

    pub(crate) fn text(&mut self, text: &str) -> List {
        self.bytes(text.as_bytes())
    }

    /// Records of one size, one behind the other.
    pub(crate) fn records(&mut self, records: &[Vec<u8>]) -> List {
        (self.put(&records.concat()), records.len() as u32)
    }

    pub(crate) fn texts(&mut self, texts: &[&str]) -> List {
        let records: Vec<Vec<u8>> = texts.iter().map(|text| words(&[self.text(text)])).collect();
        self.records(&records)
    }

    pub(crate) fn evidence(&mut self, evidence: &[Evidence]) -> List {
        let record = |image: &mut Self, e: &Evidence| {
            let mut bytes = vec![0; 64];
            bytes[0] = e.place;
            set(&mut bytes, 8, &e.part.to_le_bytes());
            if e.place == 2 {
                set(&mut bytes, 8, &words(&[image.text("arn:aws:x")]));
            } else {
                set(&mut bytes, 16, &e.start.to_le_bytes());
                set(&mut bytes, 24, &e.end.to_le_bytes());
                set(&mut bytes, 32, &1u32.to_le_bytes());
            }
            set(&mut bytes, 40, &words(&[image.text(e.rule)]));
            set(&mut bytes, 48, &[e.method, e.usage, e.confidence]);
            if let Some(snippet) = e.snippet {
                bytes[52] = 1;
                set(&mut bytes, 56, &words(&[image.text(snippet)]));
            }
            bytes
        };
        let records: Vec<Vec<u8>> = evidence.iter().map(|e| record(self, e)).collect();
        self.records(&records)
    }

    /// (name, discriminant, payload of 8 bytes)
    pub(crate) fn properties(&mut self, rows: &[(&str, u8, [u8; 8])]) -> List {
        let record = |image: &mut Self, (name, kind, payload): &(&str, u8, [u8; 8])| {
            let mut bytes = words(&[image.text(name)]);
            bytes.extend_from_slice(&[*kind, 0, 0, 0, 0, 0, 0, 0]);
            bytes.extend_from_slice(payload);
            bytes
        };
        let records: Vec<Vec<u8>> = rows.iter().map(|row| record(self, row)).collect();
        self.records(&records)
    }

    pub(crate) fn asset(&mut self, asset: &Asset<'_>) -> Vec<u8> {
        let mut bytes = words(&[self.text(asset.key), self.text(asset.kind), self.text(asset.name)]);
        let mut version = vec![0; 16];
        if let Some((form, text)) = asset.version {
            version[0] = 1;
            version[4] = form;
            set(&mut version, 8, &words(&[self.text(text)]));
        }
        bytes.extend(version);
        let ids: Vec<Vec<u8>> = asset
            .identifiers
            .iter()
            .map(|(scheme, value)| words(&[self.text(scheme), self.text(value)]))
            .collect();
        let lists = [self.records(&ids), asset.properties, self.evidence(asset.evidence)];
        bytes.extend(words(&lists));
        bytes
    }

    pub(crate) fn assets(&mut self, assets: &[Asset<'_>]) -> List {
        let records: Vec<Vec<u8>> = assets.iter().map(|asset| self.asset(asset)).collect();
        self.records(&records)
    }

    /// `local(part, key)`
    pub(crate) fn local(&mut self, part: u32, key: &str) -> Vec<u8> {
        let mut bytes = vec![0; 20];
        set(&mut bytes, 4, &part.to_le_bytes());
        set(&mut bytes, 8, &words(&[self.text(key)]));
        bytes
    }

    pub(crate) fn relation(&mut self, source: &[u8], kind: &str, target: &[u8]) -> Vec<u8> {
        [source.to_vec(), words(&[self.text(kind)]), target.to_vec(), words(&[(0, 0), (0, 0)])].concat()
    }

    pub(crate) fn want(&mut self, paths: &[&str]) -> Vec<u8> {
        let mut bytes = vec![0; 32];
        set(&mut bytes, 24, &words(&[self.texts(paths)]));
        bytes
    }

    /// `other(what)` as the reason.
    pub(crate) fn gap(&mut self, at: &str, what: &str, detail: &str) -> Vec<u8> {
        let at = words(&[self.text(at)]);
        let mut reason = vec![0; 24];
        reason[0] = 9;
        set(&mut reason, 8, &words(&[self.text(what)]));
        let mut rest = words(&[self.text(detail)]);
        rest.extend([0; 8]);
        [at, reason, rest].concat()
    }

    pub(crate) fn answer(&mut self, answer: &Answer) -> Vec<u8> {
        let mut bytes = answer.id.to_le_bytes().to_vec();
        let a = answer;
        bytes.extend(words(&[a.assets, a.relations, a.findings, a.gaps, a.facts, a.wants]));
        bytes
    }
}

fn set(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// Pointers and lengths.
pub(crate) fn words(lists: &[List]) -> Vec<u8> {
    lists.iter().flat_map(|(at, len)| [at.to_le_bytes(), len.to_le_bytes()]).flatten().collect()
}

/// A guest whose `scan` returns what `build` put into the first bytes of its memory.
pub(crate) fn returning(build: impl FnOnce(&mut Image) -> Vec<u8>) -> String {
    let mut image = Image::new();
    let result = build(&mut image);
    set(&mut image.0, 0, &result);
    let data: String = image.0.iter().map(|byte| format!("\\{byte:02x}")).collect();
    scanning_with(&format!("(data (i32.const {BASE}) \"{data}\")"), &format!("(i32.const {BASE})"))
}

/// `ok(list)` of these answers.
pub(crate) fn answers(image: &mut Image, answers: &[Vec<u8>]) -> Vec<u8> {
    let list = image.records(answers);
    [vec![0; 4], words(&[list])].concat()
}

/// A guest that answers for its one file; `fill` adds what is wrong.
pub(crate) fn answering(fill: impl FnOnce(&mut Image, &mut Answer)) -> String {
    returning(|image| {
        let mut answer = Answer::default();
        fill(image, &mut answer);
        let answer = image.answer(&answer);
        answers(image, &[answer])
    })
}
