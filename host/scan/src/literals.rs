//! Finds every occurrence of thousands of literals in one pass over what is long and one over what is short.
//!
//! Each literal of five bytes or more holds, whatever position it begins at, a group of four bytes at a position that is
//! a multiple of the stride. So only those positions are looked at: a bitmap tells whether the group there is one of
//! ours, and few are. Where it is, the literals that have it are compared. No position depends on the one before, which
//! is what makes this faster than an automaton. Shorter literals would have to be looked up at every position; there are
//! few, and a vectored search (Teddy) compares several positions with a few of them at once.
//!
//! Literals that ignore case and those that respect it are looked for together, in content whose case is folded if any
//! asks for it; the comparison with the content itself decides.

use crate::claim::ClaimRef;
use aho_corasick::packed;
use rustc_hash::FxHashMap;

/// What a claim looks for.
pub(crate) struct Literal {
    pub(crate) bytes: Vec<u8>,
    pub(crate) ignore_case: bool,
    pub(crate) claim: ClaimRef,
}

impl Literal {
    /// Where it ends in the content if it begins there.
    #[inline(always)]
    fn end(&self, content: &[u8], start: usize) -> Option<usize> {
        let end = start + self.bytes.len();
        let text = content.get(start..end)?;
        let is_it =
            if self.ignore_case { text.eq_ignore_ascii_case(&self.bytes) } else { text == self.bytes };
        is_it.then_some(end)
    }
}

/// Literals, those of like length together.
#[derive(Default)]
pub(crate) struct Literals {
    long: Option<Grams>,
    short: Option<Shorts>,
}

impl Literals {
    pub(crate) fn new(literals: Vec<Literal>) -> Self {
        let (short, long): (Vec<_>, Vec<_>) =
            literals.into_iter().partition(|literal| literal.bytes.len() <= GRAM_BYTES);
        Self { long: Grams::new(long), short: Shorts::new(short) }
    }

    /// Calls `found` with claim, start and end of every occurrence, until it says to stop.
    pub(crate) fn each(&self, content: &[u8], mut found: impl FnMut(ClaimRef, usize, usize) -> bool) {
        let go_on = match &self.long {
            Some(grams) if grams.ignore_case => grams.each::<true>(content, &mut found),
            Some(grams) => grams.each::<false>(content, &mut found),
            None => true,
        };
        if let Some(shorts) = self.short.as_ref().filter(|_| go_on) {
            shorts.each(content, &mut found);
        }
    }
}

/// How many bytes are looked up together.
const GRAM_BYTES: usize = 4;
/// Further apart, a literal would need more groups than the bitmap has room for.
const MAX_STRIDE: usize = 4;
/// Bits in the map for each group: one in so many other positions is compared in vain.
const BITS_PER_GRAM: usize = 64;
/// The map stays in the second-level cache.
const MAX_MAP_BITS: u32 = 20;

/// Literals longer than a group, by the groups of bytes in them.
struct Grams {
    /// Any of them does: groups are folded.
    ignore_case: bool,
    literals: Vec<Literal>,
    stride: usize,
    /// A bit for each hash.
    map: Vec<u64>,
    map_shift: u32,
    /// Sorted by hash.
    entries: Vec<Entry>,
    /// Where the entries of a bucket (the upper bits of the hash) begin, and the end of the last.
    buckets: Vec<u32>,
    bucket_shift: u32,
}

#[derive(Clone, Copy)]
struct Entry {
    gram: u32,
    literal: u32,
    /// Where in the literal the group is.
    offset: u32,
}

impl Grams {
    /// None: there are no literals.
    fn new(literals: Vec<Literal>) -> Option<Self> {
        let shortest = literals.iter().map(|literal| literal.bytes.len()).min()?;
        let stride = (shortest - GRAM_BYTES + 1).min(MAX_STRIDE);
        let ignore_case = literals.iter().any(|literal| literal.ignore_case);
        // A group that many literals share (`impo`) finds nothing quickly: each literal is known by its rarest ones.
        let mut shared: FxHashMap<u32, u32> = FxHashMap::default();
        for literal in &literals {
            for gram in grams(&literal.bytes, ignore_case) {
                *shared.entry(gram).or_default() += 1;
            }
        }
        let mut entries = Vec::with_capacity(literals.len() * stride);
        for (at, Literal { bytes, .. }) in literals.iter().enumerate() {
            let grams: Vec<u32> = grams(bytes, ignore_case).collect();
            let cost = |first: &usize| {
                let sharers: u32 = grams[*first..*first + stride].iter().map(|gram| shared[gram]).sum();
                let bytes = &bytes[*first..*first + stride - 1 + GRAM_BYTES];
                (sharers, bytes.iter().map(|byte| u32::from(COMMONNESS[*byte as usize])).sum::<u32>())
            };
            let first = (0..=grams.len() - stride).min_by_key(cost).unwrap_or(0);
            entries.extend((first..first + stride).map(|offset| Entry {
                gram: grams[offset],
                literal: at as u32,
                offset: offset as u32,
            }));
        }
        entries.sort_by_key(|entry| (hash(entry.gram), entry.literal, entry.offset));

        let map_bits = (entries.len() * BITS_PER_GRAM).next_power_of_two().ilog2().clamp(6, MAX_MAP_BITS);
        let map_shift = u32::BITS - map_bits;
        let mut map = vec![0; 1 << (map_bits - 6)];
        let bucket_bits = entries.len().next_power_of_two().ilog2().clamp(1, MAX_MAP_BITS);
        let bucket_shift = u32::BITS - bucket_bits;
        let mut buckets = vec![0; (1 << bucket_bits) + 1];
        for entry in &entries {
            let hash = hash(entry.gram);
            map[(hash >> map_shift) as usize / 64] |= 1 << ((hash >> map_shift) % 64);
            buckets[(hash >> bucket_shift) as usize + 1] += 1;
        }
        for at in 1..buckets.len() {
            buckets[at] += buckets[at - 1];
        }
        Some(Self { ignore_case, literals, stride, map, map_shift, entries, buckets, bucket_shift })
    }

    /// False when `found` said to stop.
    fn each<const FOLD: bool>(
        &self,
        content: &[u8],
        found: &mut impl FnMut(ClaimRef, usize, usize) -> bool,
    ) -> bool {
        let mut at = 0;
        while let Some(word) = content.get(at..).and_then(|rest| rest.first_chunk()) {
            let word = u32::from_le_bytes(*word);
            let gram = if FOLD { fold(word) } else { word };
            let bit = hash(gram) >> self.map_shift;
            let is_ours = self.map[bit as usize / 64] >> (bit % 64) & 1 != 0;
            if is_ours && !self.compare(content, at, gram, found) {
                return false;
            }
            at += self.stride;
        }
        true
    }

    /// Compares the literals that have this group.
    #[inline(never)]
    fn compare(
        &self,
        content: &[u8],
        at: usize,
        gram: u32,
        found: &mut impl FnMut(ClaimRef, usize, usize) -> bool,
    ) -> bool {
        let bucket = (hash(gram) >> self.bucket_shift) as usize;
        let entries = &self.entries[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        for entry in entries.iter().filter(|entry| entry.gram == gram) {
            let literal = &self.literals[entry.literal as usize];
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            if let Some(end) = literal.end(content, start)
                && !found(literal.claim, start, end)
            {
                return false;
            }
        }
        true
    }
}

/// The groups of a literal, by where they begin.
fn grams(literal: &[u8], ignore_case: bool) -> impl Iterator<Item = u32> + '_ {
    let grams =
        literal.windows(GRAM_BYTES).map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    grams.map(move |gram| if ignore_case { fold(gram) } else { gram })
}

/// How usual each byte is in text and code.
const COMMONNESS: [u8; 256] = {
    const USUAL: &[u8] = b" etaoinsrlcdmpu_fhg.y-bwv";
    let mut commonness = [0; 256];
    let mut rank = 0;
    while rank < USUAL.len() {
        let much = (USUAL.len() - rank) as u8;
        commonness[USUAL[rank] as usize] = much;
        commonness[USUAL[rank].to_ascii_uppercase() as usize] = much;
        rank += 1;
    }
    commonness
};

/// Equal for groups that differ in case only, and for some others.
fn fold(gram: u32) -> u32 {
    gram | 0x2020_2020
}

/// Fibonacci hashing (Knuth, TAOCP 3, 6.4): the upper bits are the good ones.
fn hash(gram: u32) -> u32 {
    gram.wrapping_mul(0x9E37_79B1)
}

/// Literals in one vectored search: more, and it stops at too many positions.
const SHORTS_TOGETHER: usize = 16;
/// Content whose case is folded at once; it stays in the first-level cache.
const FOLDED_BYTES: usize = 16 << 10;

/// Literals no longer than a group.
struct Shorts {
    /// Any of them does: content is folded.
    ignore_case: bool,
    searches: Vec<(Finder, Vec<Literal>)>,
}

impl Shorts {
    /// None: there are no literals.
    fn new(mut literals: Vec<Literal>) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        let ignore_case = literals.iter().any(|literal| literal.ignore_case);
        let pattern = |literal: &Literal| match ignore_case {
            true => literal.bytes.to_ascii_lowercase(),
            false => literal.bytes.clone(),
        };
        // The first bytes of those that are searched for together should be few.
        literals.sort_by_key(pattern);
        let mut searches = Vec::new();
        while !literals.is_empty() {
            let rest = literals.split_off(literals.len().min(SHORTS_TOGETHER));
            let finder = Finder::new(literals.iter().map(pattern).collect());
            searches.push((finder, std::mem::replace(&mut literals, rest)));
        }
        Some(Self { ignore_case, searches })
    }

    /// Until `found` says to stop.
    fn each(&self, content: &[u8], found: &mut impl FnMut(ClaimRef, usize, usize) -> bool) {
        if !self.ignore_case {
            self.within(content, content, 0, content.len(), found);
            return;
        }
        let mut folded = [0; FOLDED_BYTES + GRAM_BYTES - 1];
        for start in (0..content.len()).step_by(FOLDED_BYTES) {
            let end = content.len().min(start + folded.len());
            let folded = &mut folded[..end - start];
            folded.copy_from_slice(&content[start..end]);
            folded.make_ascii_lowercase();
            if !self.within(content, folded, start, FOLDED_BYTES, found) {
                return;
            }
        }
    }

    /// Those that begin in the first `len` bytes of a part of the content; false when `found` said to stop.
    fn within(
        &self,
        content: &[u8],
        part: &[u8],
        start: usize,
        len: usize,
        found: &mut impl FnMut(ClaimRef, usize, usize) -> bool,
    ) -> bool {
        for (finder, literals) in &self.searches {
            let mut at = 0;
            while let Some(next) = finder.find(part, at).filter(|next| *next < len) {
                for literal in literals {
                    if let Some(end) = literal.end(content, start + next)
                        && !found(literal.claim, start + next, end)
                    {
                        return false;
                    }
                }
                at = next + 1;
            }
        }
        true
    }
}

/// Where the next of a few patterns begins.
enum Finder {
    Vectored(packed::Searcher),
    /// On processors that the vectored search does not know.
    Plain(Vec<Vec<u8>>),
}

impl Finder {
    fn new(patterns: Vec<Vec<u8>>) -> Self {
        packed::Searcher::new(&patterns).map_or(Self::Plain(patterns), Self::Vectored)
    }

    #[inline(always)]
    fn find(&self, part: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Vectored(searcher) => {
                searcher.find_in(part, (from..part.len()).into()).map(|found| found.start())
            }
            Self::Plain(patterns) => {
                (from..part.len()).find(|at| patterns.iter().any(|pattern| part[*at..].starts_with(pattern)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn claim(at: usize) -> ClaimRef {
        ClaimRef { detector: 0, claim: at as u16 }
    }

    /// Literals, and whether case is ignored.
    type Sought = [(Vec<u8>, bool)];

    fn search(sought: &Sought) -> Literals {
        let literals = sought.iter().cloned().enumerate();
        Literals::new(
            literals
                .map(|(at, (bytes, ignore_case))| Literal { bytes, ignore_case, claim: claim(at) })
                .collect(),
        )
    }

    fn all_of(literals: &Literals, content: &[u8]) -> Vec<(u16, usize, usize)> {
        let mut all = Vec::new();
        literals.each(content, |claim, start, end| {
            all.push((claim.claim, start, end));
            true
        });
        all.sort_unstable();
        all
    }

    fn found(sought: &Sought, content: &[u8]) -> Vec<(u16, usize, usize)> {
        all_of(&search(sought), content)
    }

    /// Every literal at every position.
    fn expected(sought: &Sought, content: &[u8]) -> Vec<(u16, usize, usize)> {
        let mut all = Vec::new();
        for (at, (literal, ignore_case)) in sought.iter().enumerate() {
            for start in 0..content.len() {
                let Some(text) = content.get(start..start + literal.len()) else { break };
                let is_it = if *ignore_case { text.eq_ignore_ascii_case(literal) } else { text == literal };
                if is_it {
                    all.push((at as u16, start, start + literal.len()));
                }
            }
        }
        all
    }

    fn check(literals: &[&str], content: &str) {
        for ignores in [[false, false], [true, true], [false, true]] {
            let ignores = ignores.into_iter().cycle();
            let sought: Vec<_> =
                literals.iter().map(|literal| literal.as_bytes().to_vec()).zip(ignores).collect();
            assert_eq!(
                found(&sought, content.as_bytes()),
                expected(&sought, content.as_bytes()),
                "{sought:?}"
            );
        }
    }

    #[test]
    fn every_occurrence_is_found_once() {
        check(&["openai"], "openai OpenAI xopenaiopenai opena");
        check(&["openai", "openai.com", "open"], "https://api.openai.com/v1 open");
        check(&["gpt-4", "gpt-4o", "gpt-4o-mini"], "gpt-4o-mini");
        check(&["aaaaa", "aaaaaaa", "aa"], "aaaaaaaaaaaaaaa");
        check(&["langchain", "langchain"], "langchain");
        check(&["long enough"], "");
        check(&["long enough"], "long");
    }

    #[test]
    fn short_ones_where_folded_parts_meet() {
        let sought = [(b"llm".to_vec(), true), (b"o1-".to_vec(), false), (b"gpt-".to_vec(), true)];
        for shift in 0..8 {
            let content = format!("{}LLM-o1-GPT-O1-", "x".repeat(FOLDED_BYTES - shift));
            assert_eq!(found(&sought, content.as_bytes()), expected(&sought, content.as_bytes()), "{shift}");
        }
    }

    #[test]
    fn without_a_vectored_search() {
        let sought: Vec<_> =
            ["llm", "llm_", "o1-", "a"].map(|literal| (literal.as_bytes().to_vec(), true)).into();
        let content = b"An LLM_o1-llm_ALLMA";
        let mut literals = search(&sought);
        for (finder, short) in &mut literals.short.as_mut().unwrap().searches {
            *finder = Finder::Plain(short.iter().map(|literal| literal.bytes.clone()).collect());
        }
        assert_eq!(all_of(&literals, content), expected(&sought, content));
    }

    #[test]
    fn it_stops_when_told() {
        let sought = [(b"hello".to_vec(), false), (b"no".to_vec(), false)];
        for stop in 1..5 {
            let mut n = 0;
            search(&sought).each(b"no hello hello hello no", |_, _, _| {
                n += 1;
                n < stop
            });
            assert_eq!(n, stop);
        }
    }

    proptest! {
        #[test]
        fn as_a_naive_search(
            sought in prop::collection::vec(("[abAB]{1,9}", any::<bool>()), 1..40),
            content in "[abAB]{0,120}",
        ) {
            let sought: Vec<_> = sought.into_iter().map(|(text, ignore_case)| (text.into_bytes(), ignore_case)).collect();
            let content = content.as_bytes();
            prop_assert_eq!(found(&sought, content), expected(&sought, content));
        }

        #[test]
        fn any_bytes(
            sought in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..12), any::<bool>()), 1..40),
            content in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            // The literals themselves among the noise.
            let mut content = content;
            for (literal, _) in &sought {
                content.extend_from_slice(literal);
            }
            prop_assert_eq!(found(&sought, &content), expected(&sought, &content));
        }
    }
}
