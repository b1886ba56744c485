//! Listings: a service is looked at listing by listing, page by page, and what a page names is asked for in chunks.
//!
//! A slice is as many chunks as fit into [`MAX_CALLS`]; where it stopped is the [`State`], which is all that the next
//! slice knows. A page is asked for again when a slice stopped inside it: services that ignore the size asked for may
//! answer thousands at once.

use crate::arn::Home;
use crate::call::{Api, Ask, Form, Trouble, send};
use inventar_plugin_sdk::collector::{Cursor, Gap, Problem, Reason, Sink, Step};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A slice ends after the chunk with which it has made as many calls.
const MAX_CALLS: usize = 40;

/// And after the chunk with which it has reported as many things.
const MAX_THINGS: usize = 1_500;

/// Pages of what hangs on one object, asked for inside a chunk.
const MAX_INNER_PAGES: usize = 20;

/// One listing of a service.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) call: Call,
    /// Where the answer holds the entries, as a JSON pointer.
    pub(crate) items: &'static str,
    /// Entries that are looked at together.
    pub(crate) chunk: usize,
    /// Looks at entries. What it returns is given back to it with the same entries: the page of something that hangs on
    /// them.
    pub(crate) visit: fn(&mut Slice<'_>, &[Value], Option<String>) -> Option<String>,
}

/// A call that answers in pages.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) api: &'static Api,
    pub(crate) operation: &'static str,
    /// POST or GET and the path, of a service with paths.
    pub(crate) path: Option<(Verb, &'static str)>,
    /// What is sent with every page: name and value. A value of digits is a number in JSON.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The parameter that asks for the next page, and where the answer says it; none: there is one page.
    pub(crate) token: Option<(&'static str, &'static str)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
}

impl Call {
    /// The call for one page.
    fn ask(&self, home: &Home, token: Option<&str>) -> Ask {
        let mut parameters: Vec<(&str, &str)> = self.parameters.to_vec();
        if let (Some((name, _)), Some(token)) = (self.token, token) {
            parameters.push((name, token));
        }
        match (self.path, &self.api.form) {
            (Some((Verb::Get, path)), _) => self.api.get(home, self.operation, path, &parameters),
            (Some((Verb::Post, path)), _) => self.api.post(home, self.operation, path, &body(&parameters)),
            (None, Form::Json { .. }) => self.api.json(home, self.operation, &body(&parameters)),
            (None, _) => self.api.query(home, self.operation, &parameters),
        }
    }

    fn next(&self, answer: &Value) -> Option<String> {
        let (_, pointer) = self.token?;
        answer.pointer(pointer)?.as_str().filter(|token| !token.is_empty()).map(str::to_owned)
    }
}

fn body(parameters: &[(&str, &str)]) -> Value {
    let value = |name: &str, text: &str| match text.parse::<u64>() {
        Ok(number) if name.to_ascii_lowercase().starts_with("max") => json!(number),
        _ => json!(text),
    };
    Value::Object(parameters.iter().map(|(name, text)| ((*name).to_owned(), value(name, text))).collect())
}

/// Where a scope stands.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    #[serde(rename = "l")]
    listing: usize,
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(rename = "s")]
    skip: usize,
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    inner: Option<String>,
    /// Something was not listed.
    #[serde(rename = "p")]
    partial: bool,
    /// Actions of which a gap was reported: one a scope is enough.
    #[serde(rename = "g", skip_serializing_if = "BTreeSet::is_empty")]
    told: BTreeSet<String>,
    /// Actions that the service does not have here: they are not asked for again.
    #[serde(rename = "u", skip_serializing_if = "BTreeSet::is_empty")]
    unknown: BTreeSet<String>,
    /// What a listing tells a later one.
    #[serde(rename = "m", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) memory: BTreeMap<String, String>,
}

/// A slice at work.
#[derive(Debug)]
pub(crate) struct Slice<'a> {
    pub(crate) home: Home,
    pub(crate) sink: &'a mut Sink,
    pub(crate) state: State,
    /// Keys of what this slice reported: what several objects name is reported once.
    pub(crate) named: BTreeSet<String>,
    calls: usize,
}

impl Slice<'_> {
    /// Makes a call; no answer when there is none, which is noted.
    pub(crate) fn ask(&mut self, ask: Ask) -> Option<Value> {
        self.ask_all(vec![ask]).pop().flatten()
    }

    /// Makes calls together; the answers are in order.
    pub(crate) fn ask_all(&mut self, asks: Vec<Ask>) -> Vec<Option<Value>> {
        let are_known: Vec<bool> = asks.iter().map(|ask| !self.state.unknown.contains(&ask.action)).collect();
        let asks: Vec<Ask> =
            asks.into_iter().zip(&are_known).filter(|(_, is_known)| **is_known).map(|(ask, _)| ask).collect();
        if asks.is_empty() {
            return vec![None; are_known.len()];
        }
        self.calls += asks.len();
        let mut answers = send(&asks).into_iter();
        let mut answer = || answers.next()?.map_err(|trouble| self.note(trouble)).ok();
        are_known.into_iter().map(|is_known| if is_known { answer() } else { None }).collect()
    }

    fn is_full(&self) -> bool {
        self.calls >= MAX_CALLS || self.named.len() >= MAX_THINGS
    }

    fn note(&mut self, trouble: Trouble) {
        let gap = match trouble {
            Trouble::Absent => return,
            Trouble::Gap(gap) => gap,
            Trouble::Unknown(gap) => {
                self.state.unknown.insert(gap.at.clone());
                gap
            }
        };
        // What the service does not have cannot hide anything.
        self.state.partial |= !matches!(gap.reason, Reason::Unsupported(_));
        if self.state.told.insert(gap.at.clone()) {
            self.sink.gap(gap);
        }
    }

    /// All pages of what hangs on an object.
    pub(crate) fn pages(
        &mut self,
        items: &str,
        next: &str,
        mut ask: impl FnMut(&Home, Option<&str>) -> Ask,
    ) -> Vec<Value> {
        let mut found = vec![];
        let mut token: Option<String> = None;
        for page in 0.. {
            let asked = ask(&self.home, token.as_deref());
            let action = asked.action.clone();
            let Some(answer) = self.ask(asked) else { break };
            found.extend(entries(&answer, items).cloned());
            let more = answer.pointer(next).and_then(Value::as_str).filter(|next| !next.is_empty());
            match more {
                Some(more) if token.as_deref() == Some(more) => break,
                Some(_) if page + 1 == MAX_INNER_PAGES => {
                    self.note(Trouble::Gap(Gap {
                        at: action,
                        reason: Reason::Other("limit".into()),
                        detail: format!("more than {MAX_INNER_PAGES} pages hang on one object"),
                        retriable: false,
                    }));
                    break;
                }
                Some(more) => token = Some(more.to_owned()),
                None => break,
            }
        }
        found
    }
}

/// The entries at a pointer; one entry that XML did not show as a list is one.
pub(crate) fn entries<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let found = value.pointer(pointer);
    let (many, one): (&[Value], Option<&Value>) = match found {
        Some(Value::Array(values)) => (values, None),
        Some(Value::Null) | None => (&[], None),
        one => (&[], one),
    };
    many.iter().chain(one)
}

/// One slice of a scope with these listings.
pub(crate) fn run(
    home: Home,
    listings: &[Listing],
    at: Option<&Cursor>,
    sink: &mut Sink,
) -> Result<Step, Problem> {
    let state: State = at.map_or_else(|| Ok(State::default()), Cursor::read)?;
    let mut slice = Slice { home, sink, state, named: BTreeSet::new(), calls: 0 };
    while let Some(listing) = listings.get(slice.state.listing) {
        page(&mut slice, listing);
        if slice.is_full() && slice.state.listing < listings.len() {
            slice.sink.progress(slice.state.listing as u64, Some(listings.len() as u64));
            return Step::more(&slice.state);
        }
    }
    Ok(if slice.state.partial { Step::partial() } else { Step::complete() })
}

/// The rest of one page, as far as the slice goes.
fn page(slice: &mut Slice<'_>, listing: &Listing) {
    let token = slice.state.token.clone();
    let asked = listing.call.ask(&slice.home, token.as_deref());
    let Some(answer) = slice.ask(asked) else { return next_listing(&mut slice.state) };
    let items: Vec<&Value> = entries(&answer, listing.items).collect();
    while slice.state.skip < items.len() {
        let until = items.len().min(slice.state.skip + listing.chunk.max(1));
        let chunk: Vec<Value> = items[slice.state.skip..until].iter().map(|item| (*item).clone()).collect();
        let inner = slice.state.inner.take();
        let again = (listing.visit)(slice, &chunk, inner.clone());
        // A page that leads to itself ends what hangs on the object.
        slice.state.inner = again.filter(|again| inner.as_ref() != Some(again));
        if slice.state.inner.is_none() {
            slice.state.skip = until;
        }
        if slice.is_full() && slice.state.skip < items.len() {
            return;
        }
    }
    match listing.call.next(&answer) {
        Some(next) if token.as_deref() != Some(next.as_str()) => {
            slice.state.token = Some(next);
            slice.state.skip = 0;
        }
        _ => next_listing(&mut slice.state),
    }
}

fn next_listing(state: &mut State) {
    state.listing += 1;
    state.token = None;
    state.skip = 0;
    state.inner = None;
}
