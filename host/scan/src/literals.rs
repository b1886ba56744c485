//! Finds every occurrence of thousands of literals in one pass.
//!
//! Each literal of five bytes or more holds, whatever position it begins at, a group of four bytes at a position that is
//! a multiple of the stride. So only those positions are looked at: a bitmap tells whether the group there is one of
//! ours, and few are. Where it is, the literals that have it are compared. No position depends on the one before, which
//! is what makes this faster than an automaton. Shorter literals have shorter groups, looked for at every position.

use crate::claim::ClaimRef;
use rustc_hash::FxHashMap;
use std::ops::RangeInclusive;

/// Literals with the same treatment of case, those with groups of the same size together.
pub(crate) struct Literals {
    sizes: Vec<Grams>,
}

/// A literal and the claim that asks for it.
type Owned<'a> = (&'a [u8], ClaimRef);

impl Literals {
    /// None: there are no literals.
    pub(crate) fn new(literals: &[Owned<'_>], ignore_case: bool) -> Option<Self> {
        if literals.is_empty() {
            return None;
        }
        let sizes = GROUPS.iter().filter_map(|(lengths, size)| {
            let of_size: Vec<Owned<'_>> =
                literals.iter().copied().filter(|(literal, _)| lengths.contains(&literal.len())).collect();
            Grams::new(&of_size, *size, ignore_case)
        });
        Some(Self { sizes: sizes.collect() })
    }

    /// Calls `found` with claim, start and end of every occurrence, until it says to stop.
    pub(crate) fn each(&self, content: &[u8], mut found: impl FnMut(ClaimRef, usize, usize) -> bool) {
        for grams in &self.sizes {
            let go_on = match grams.ignore_case {
                true => grams.each::<true>(content, &mut found),
                false => grams.each::<false>(content, &mut found),
            };
            if !go_on {
                return;
            }
        }
    }
}

/// Lengths of literals, and how many bytes of them are looked up together.
const GROUPS: [(RangeInclusive<usize>, usize); 4] = [(5..=usize::MAX, 4), (3..=4, 3), (2..=2, 2), (1..=1, 1)];
/// Further apart, a literal would need more groups than the bitmap has room for.
const MAX_STRIDE: usize = 4;
/// Bits in the map for each group: one in so many other positions is compared in vain.
const BITS_PER_GRAM: usize = 64;
/// The map stays in the second-level cache.
const MAX_MAP_BITS: u32 = 20;

/// Literals by the groups of bytes in them.
struct Grams {
    ignore_case: bool,
    /// Bytes of a group, and the bits of a word that they take.
    size: usize,
    mask: u32,
    literals: Vec<(Vec<u8>, ClaimRef)>,
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
    fn new(literals: &[Owned<'_>], size: usize, ignore_case: bool) -> Option<Self> {
        let shortest = literals.iter().map(|(literal, _)| literal.len()).min()?;
        let stride = (shortest - size + 1).min(MAX_STRIDE);
        let mask = u32::MAX >> (u32::BITS as usize - 8 * size);
        let gram_at = |literal: &[u8], offset: usize| {
            let gram = word(&literal[offset..]);
            if ignore_case { fold(gram) & mask } else { gram & mask }
        };
        // A group that many literals share (`impo`) finds nothing quickly: each literal is known by its rarest ones.
        let mut shared: FxHashMap<u32, u32> = FxHashMap::default();
        for (literal, _) in literals {
            for offset in 0..=literal.len() - size {
                *shared.entry(gram_at(literal, offset)).or_default() += 1;
            }
        }
        let mut entries = Vec::with_capacity(literals.len() * stride);
        let mut sharers: Vec<u32> = Vec::new();
        for (at, (literal, _)) in literals.iter().enumerate() {
            sharers.clear();
            sharers.extend((0..=literal.len() - size).map(|offset| shared[&gram_at(literal, offset)]));
            let cost = |first: &usize| {
                let sharers: u32 = sharers[*first..*first + stride].iter().sum();
                let bytes = &literal[*first..*first + stride - 1 + size];
                (sharers, bytes.iter().map(|byte| u32::from(COMMONNESS[*byte as usize])).sum::<u32>())
            };
            let first = (0..=literal.len() - size - (stride - 1)).min_by_key(cost).unwrap_or(0);
            entries.extend((first..first + stride).map(|offset| Entry {
                gram: gram_at(literal, offset),
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
        let literals = literals.iter().map(|(literal, claim)| (literal.to_vec(), *claim)).collect();
        Some(Self {
            ignore_case,
            size,
            mask,
            literals,
            stride,
            map,
            map_shift,
            entries,
            buckets,
            bucket_shift,
        })
    }

    /// False when `found` said to stop.
    fn each<const FOLD: bool>(
        &self,
        content: &[u8],
        found: &mut impl FnMut(ClaimRef, usize, usize) -> bool,
    ) -> bool {
        let mut at = 0;
        while let Some(word) = content.get(at..).and_then(|rest| rest.first_chunk()) {
            if !self.look::<FOLD>(content, at, u32::from_le_bytes(*word), found) {
                return false;
            }
            at += self.stride;
        }
        while at + self.size <= content.len() {
            if !self.look::<FOLD>(content, at, word(&content[at..]), found) {
                return false;
            }
            at += self.stride;
        }
        true
    }

    #[inline(always)]
    fn look<const FOLD: bool>(
        &self,
        content: &[u8],
        at: usize,
        word: u32,
        found: &mut impl FnMut(ClaimRef, usize, usize) -> bool,
    ) -> bool {
        let gram = if FOLD { fold(word) } else { word } & self.mask;
        let bit = hash(gram) >> self.map_shift;
        let is_ours = self.map[bit as usize / 64] >> (bit % 64) & 1 != 0;
        !is_ours || self.compare::<FOLD>(content, at, gram, found)
    }

    /// Compares the literals that have this group.
    #[inline(never)]
    fn compare<const FOLD: bool>(
        &self,
        content: &[u8],
        at: usize,
        gram: u32,
        found: &mut impl FnMut(ClaimRef, usize, usize) -> bool,
    ) -> bool {
        let bucket = (hash(gram) >> self.bucket_shift) as usize;
        let entries = &self.entries[self.buckets[bucket] as usize..self.buckets[bucket + 1] as usize];
        for entry in entries.iter().filter(|entry| entry.gram == gram) {
            let (literal, claim) = &self.literals[entry.literal as usize];
            let Some(start) = at.checked_sub(entry.offset as usize) else { continue };
            let Some(text) = content.get(start..start + literal.len()) else { continue };
            let is_it = if FOLD { text.eq_ignore_ascii_case(literal) } else { text == literal };
            if is_it && !found(*claim, start, start + literal.len()) {
                return false;
            }
        }
        true
    }
}

/// The first four bytes; zero for those that are missing.
fn word(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).enumerate().fold(0, |word, (at, byte)| word | u32::from(*byte) << (8 * at))
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn claim(at: usize) -> ClaimRef {
        ClaimRef { detector: 0, claim: at as u16 }
    }

    fn found(literals: &[Vec<u8>], ignore_case: bool, content: &[u8]) -> Vec<(u16, usize, usize)> {
        let owned: Vec<Owned<'_>> =
            literals.iter().enumerate().map(|(at, literal)| (literal.as_slice(), claim(at))).collect();
        let mut all = Vec::new();
        if let Some(literals) = Literals::new(&owned, ignore_case) {
            literals.each(content, |claim, start, end| {
                all.push((claim.claim, start, end));
                true
            });
        }
        all.sort_unstable();
        all
    }

    /// Every literal at every position.
    fn expected(literals: &[Vec<u8>], ignore_case: bool, content: &[u8]) -> Vec<(u16, usize, usize)> {
        let mut all = Vec::new();
        for (at, literal) in literals.iter().enumerate() {
            for start in 0..content.len() {
                let Some(text) = content.get(start..start + literal.len()) else { break };
                let is_it = if ignore_case { text.eq_ignore_ascii_case(literal) } else { text == literal };
                if is_it {
                    all.push((at as u16, start, start + literal.len()));
                }
            }
        }
        all
    }

    fn check(literals: &[&str], content: &str) {
        let literals: Vec<Vec<u8>> = literals.iter().map(|literal| literal.as_bytes().to_vec()).collect();
        for ignore_case in [false, true] {
            let content = content.as_bytes();
            assert_eq!(found(&literals, ignore_case, content), expected(&literals, ignore_case, content));
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
    fn it_stops_when_told() {
        let literals = Literals::new(&[(b"hello", claim(0)), (b"no", claim(1))], false).unwrap();
        let mut n = 0;
        literals.each(b"no hello hello hello", |_, _, _| {
            n += 1;
            n < 2
        });
        assert_eq!(n, 2);
    }

    proptest! {
        #[test]
        fn as_a_naive_search(
            literals in prop::collection::vec("[abAB]{1,9}", 1..30),
            content in "[abAB]{0,120}",
            ignore_case: bool,
        ) {
            let literals: Vec<Vec<u8>> = literals.into_iter().map(String::into_bytes).collect();
            let content = content.as_bytes();
            prop_assert_eq!(found(&literals, ignore_case, content), expected(&literals, ignore_case, content));
        }

        #[test]
        fn any_bytes(
            literals in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..12), 1..20),
            content in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            // The literals themselves among the noise.
            let mut content = content;
            for literal in &literals {
                content.extend_from_slice(literal);
            }
            prop_assert_eq!(found(&literals, false, &content), expected(&literals, false, &content));
        }
    }
}
