use super::*;
use proptest::prelude::*;

/// Writes a GGUF file, version 3, little-endian.
#[derive(Default)]
struct Writer {
    pairs: Vec<u8>,
    n_pairs: u64,
    tensors: Vec<u8>,
    n_tensors: u64,
}

impl Writer {
    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    }
    fn pair(mut self, key: &str, kind: u32, value: &[u8]) -> Self {
        Self::text(&mut self.pairs, key);
        self.pairs.extend(kind.to_le_bytes());
        self.pairs.extend(value);
        self.n_pairs += 1;
        self
    }
    fn says(self, key: &str, value: &str) -> Self {
        let mut out = vec![];
        Self::text(&mut out, value);
        self.pair(key, 8, &out)
    }
    fn list(self, key: &str, values: &[&str]) -> Self {
        let mut out = 8u32.to_le_bytes().to_vec();
        out.extend((values.len() as u64).to_le_bytes());
        values.iter().for_each(|value| Self::text(&mut out, value));
        self.pair(key, 9, &out)
    }
    fn tensor(mut self, name: &str, shape: &[u64], kind: u32, offset: u64) -> Self {
        Self::text(&mut self.tensors, name);
        self.tensors.extend((shape.len() as u32).to_le_bytes());
        shape.iter().for_each(|dim| self.tensors.extend(dim.to_le_bytes()));
        self.tensors.extend(kind.to_le_bytes());
        self.tensors.extend(offset.to_le_bytes());
        self.n_tensors += 1;
        self
    }
    fn bytes(self, data: usize) -> Vec<u8> {
        let mut out = b"GGUF\x03\0\0\0".to_vec();
        out.extend(self.n_tensors.to_le_bytes());
        out.extend(self.n_pairs.to_le_bytes());
        out.extend(self.pairs);
        out.extend(self.tensors);
        out.resize(out.len().next_multiple_of(32) + data, 0);
        out
    }
}

fn small() -> Vec<u8> {
    Writer::default()
        .says("general.architecture", "llama")
        .says("general.license", "mit")
        .pair("llama.context_length", 4, &4096u32.to_le_bytes())
        .pair("general.file_type", 4, &15u32.to_le_bytes())
        .pair("general.base_model.count", 4, &1u32.to_le_bytes())
        .says("general.base_model.0.repo_url", "https://huggingface.co/meta-llama/Llama-2-7b")
        .list("tokenizer.ggml.tokens", &["a", "b", "c"])
        .list("general.datasets", &["o/d"])
        .tensor("w", &[32, 2], 8, 0)
        .bytes(68)
}

#[test]
fn what_headers_say() {
    let model = read(&small());
    assert_eq!(*model.flags, []);
    assert_eq!(model.text("architecture"), Some("llama"));
    assert_eq!(model.number("context_length"), Some(4096));
    assert_eq!(model.text("quantisation"), Some("Q4_K_M"));
    assert_eq!(model.number("parameters"), Some(64));
    assert_eq!(model.number("vocab_size"), Some(3));
    assert_eq!(model.texts("base_model"), ["meta-llama/Llama-2-7b"]);
    assert_eq!(model.texts("datasets"), ["o/d"]);
}

#[test]
fn tricks() {
    let short = |bytes: &[u8], at: usize, with: u64| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + 8].copy_from_slice(&with.to_le_bytes());
        bytes
    };
    let good = small();
    let cases = [
        ("a pair count near the limit", short(&good, 16, u64::MAX)),
        ("a tensor count near the limit", short(&good, 8, u64::MAX / 2)),
        ("a key's length near the limit", short(&good, 24, u64::MAX - 3)),
        ("cut short", good[..good.len() - 40].to_vec()),
        ("a shape that overflows", Writer::default().tensor("w", &[u64::MAX, 2], 0, 0).bytes(8)),
        ("an offset that overflows", Writer::default().tensor("w", &[2], 0, u64::MAX - 1).bytes(8)),
        ("too many dimensions", Writer::default().tensor("w", &[1, 1, 1, 1, 1], 0, 0).bytes(8)),
        ("a key twice", Writer::default().says("a", "b").says("a", "c").bytes(0)),
        (
            "an array longer than the file",
            Writer::default()
                .pair("a", 9, &[&8u32.to_le_bytes()[..], &u64::MAX.to_le_bytes()].concat())
                .bytes(0),
        ),
        (
            "arrays in arrays",
            Writer::default().pair("a", 9, &[9, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0].repeat(50)).bytes(0),
        ),
    ];
    for (what, bytes) in cases {
        assert_eq!(read(&bytes).verdict(), Some("suspicious"), "{what}");
    }
    assert_eq!(read(&b"GGUF".to_vec()).verdict(), Some("suspicious"));
    assert_eq!(read(&b"GGUF\x09\0\0\0".to_vec()).verdict(), Some("not-analysable"));
}

proptest! {
    #[test]
    fn mutations_do_not_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut bytes = small();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        read(&bytes);
        bytes.truncate(cut.index(bytes.len()).max(4));
        read(&bytes);
    }
}
