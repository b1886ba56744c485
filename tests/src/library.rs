//! A small server with shelves of models, for the collector `library` of tests/guests: it can refuse, ask to wait, hold an
//! answer back, and repeat the secret it is shown.

use crate::http::{Answer, Request, answer, listen};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// Models on one page.
const PAGE: usize = 5;

/// A server on a free port of this machine; it goes with the process.
#[derive(Debug, Clone)]
pub struct Library {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Short reads and writes; requests wait on `changed` with it.
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    shelves: BTreeMap<String, usize>,
    /// Paths that are refused, by what they contain.
    denied: BTreeSet<String>,
    /// Paths that are not answered yet, by what they contain.
    held: BTreeSet<String>,
    /// The next so many answers ask to wait.
    throttled: usize,
    /// What was asked: method, path and query.
    asked: Vec<String>,
    /// What the requests were signed with.
    tokens: BTreeSet<String>,
}

impl Library {
    /// Shelves with so many models each.
    pub fn start(shelves: &[(&str, usize)]) -> Self {
        let shelves = shelves.iter().map(|(shelf, models)| ((*shelf).to_owned(), *models)).collect();
        let state = Mutex::new(State { shelves, ..State::default() });
        let shared = Arc::new(Shared { state, changed: Condvar::new() });
        let serving = Arc::clone(&shared);
        let address = listen(move |mut stream| answer(&mut stream, |request| respond(&serving, request)));
        Self { url: format!("http://{address}"), shared }
    }

    /// From now on paths that contain this are refused.
    pub fn deny(&self, part: &str) {
        self.change(|state| _ = state.denied.insert(part.to_owned()));
    }

    /// Nothing is refused any more.
    pub fn allow(&self) {
        self.change(|state| state.denied.clear());
    }

    /// From now on paths that contain this get no answer.
    pub fn hold(&self, part: &str) {
        self.change(|state| _ = state.held.insert(part.to_owned()));
    }

    /// Everything is answered again.
    pub fn release(&self) {
        self.change(|state| state.held.clear());
    }

    /// The next so many requests are asked to wait.
    pub fn throttle(&self, requests: usize) {
        self.change(|state| state.throttled = requests);
    }

    /// So many models on a shelf.
    pub fn fill(&self, shelf: &str, models: usize) {
        self.change(|state| _ = state.shelves.insert(shelf.to_owned(), models));
    }

    /// Waits until a path that contains this was asked for.
    pub fn wait_for(&self, part: &str) {
        let mut state = self.state();
        while !state.asked.iter().any(|path| path.contains(part)) {
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What was asked since the last time somebody asked this.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.state().asked)
    }

    /// What requests were signed with.
    pub fn tokens(&self) -> Vec<String> {
        self.state().tokens.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.shared.changed.notify_all();
    }
}

fn respond(shared: &Shared, request: &Request) -> Answer {
    let (path, token) = (request.target(), request.header("authorization"));
    let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    state.asked.push(path.to_owned());
    if !token.is_empty() {
        state.tokens.insert(token.to_owned());
    }
    shared.changed.notify_all();
    while state.held.iter().any(|part| path.contains(part)) {
        state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    if state.throttled > 0 {
        state.throttled -= 1;
        let headers = "retry-after: 0\r\n".to_owned();
        return Answer { headers, ..Answer::new(429, r#"{"message":"wait"}"#) };
    }
    if token.is_empty() {
        return Answer::new(401, r#"{"message":"who are you?"}"#);
    }
    if state.denied.iter().any(|part| path.contains(part)) {
        return Answer::new(403, format!(r#"{{"message":"not with {token}"}}"#));
    }
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["", "shelves"] => {
            let names: Vec<&String> = state.shelves.keys().collect();
            Answer::new(200, serde_json::json!({ "shelves": names, "you": token }))
        }
        // A service that repeats what it was shown: nothing of it may come to rest anywhere.
        ["", "shelves", shelf, "owner"] => {
            Answer::new(200, serde_json::json!({ "owner": format!("{shelf}-team"), "seen": token }))
        }
        ["", "shelves", shelf, "models"] => {
            let Some(models) = state.shelves.get(*shelf) else { return Answer::new(404, "{}") };
            let page: usize = query.strip_prefix("page=").and_then(|page| page.parse().ok()).unwrap_or(0);
            let names: Vec<String> =
                (page * PAGE..(*models).min((page + 1) * PAGE)).map(|n| format!("{shelf}-{n:03}")).collect();
            let next = ((page + 1) * PAGE < *models).then_some(page + 1);
            Answer::new(200, serde_json::json!({ "models": names, "next": next, "you": token }))
        }
        _ => Answer::new(404, "{}"),
    }
}
