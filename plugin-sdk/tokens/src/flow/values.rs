//! What may stand at a place: texts, alternatives, sums, names followed to what they are given.

use super::{Flow, Found, MAX_DEPTH, MAX_FOUND, Value, Way};
use crate::language::Interpolation;
use crate::outline::{Form, Range};
use crate::scan::Kind;
use crate::text;
use inventar_analysis::Extent;

impl Flow<'_, '_> {
    /// Everything that may stand at a range of tokens.
    pub(crate) fn values(&self, range: Range) -> Vec<Found> {
        let mut found = Vec::new();
        self.collect(range, &Way::default(), &mut found);
        found
    }

    /// The first text that may stand there.
    pub(crate) fn first_text(&self, range: Range) -> Option<String> {
        self.values(range).iter().find_map(|found| found.whole().map(str::to_owned))
    }

    pub(super) fn collect(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let (mut start, mut end) = range;
        let tokens = &self.outline.tokens;
        if way.depth > MAX_DEPTH
            || out.len() >= MAX_FOUND
            || start >= end
            || !self.spend((end - start).min(64))
        {
            return;
        }
        let way = &Way { depth: way.depth + 1, ..way.clone() };
        loop {
            match tokens.text(start) {
                "&" | "*" | "await" | "return" | "mut" | "ref" | "yield" | "move" | "||" | "out" | "..." => {
                    start += 1
                }
                "(" if tokens.mate(start) + 1 == end => {
                    start += 1;
                    end -= 1;
                }
                // A cast.
                "(" if self.outline.language().type_first
                    && tokens.mate(start) + 1 < end
                    && tokens.mate(start) - start <= 6
                    && matches!(
                        tokens.kind(tokens.mate(start) + 1),
                        Kind::Word | Kind::Text | Kind::Open
                    )
                    && tokens.is_word(start + 1) =>
                {
                    start = tokens.mate(start) + 1;
                }
                _ => break,
            }
            if start >= end {
                return;
            }
        }
        while end > start + 1 && matches!(tokens.text(end - 1), "!" | "?" | "!!") {
            end -= 1;
        }
        if end == start + 1 && tokens.kind(start) == Kind::Text {
            self.literal(start, way, out);
            return;
        }
        if self.operators((start, end), way, out) {
            return;
        }
        match tokens.kind(end - 1) {
            Kind::Word => self.path((start, end), way, out),
            Kind::Close => self.bracketed((start, end), way, out),
            _ => {}
        }
    }

    pub(super) fn push(&self, value: Value, tokens: Range, way: &Way, out: &mut Vec<Found>) {
        if out.len() < MAX_FOUND && tokens.1 > tokens.0 {
            let (start, end) = self.outline.tokens.bytes(tokens.0, tokens.1 - 1);
            out.push(Found {
                value,
                at: Extent::new(start, end),
                token: tokens.0,
                hops: way.hops,
                env: way.env.clone(),
                name: way.name,
            });
        }
    }

    fn literal(&self, at: u32, way: &Way, out: &mut Vec<Found>) {
        let token = self.outline.tokens.text(at);
        let read = text::read(token, self.outline.language());
        let mut whole = read.values.is_empty();
        let mut text = read.text;
        if !whole && self.outline.language().interpolation != Interpolation::None {
            // A name among the values that is a constant here.
            let mut filled = String::with_capacity(text.len());
            let mut rest = text.as_str();
            whole = true;
            for (start, end) in read.values.iter().take(64) {
                let Some((front, back)) = rest.split_once("{}") else { break };
                filled.push_str(front);
                let name = token.get(*start as usize..*end as usize).unwrap_or_default();
                match self.constant(name, at, way) {
                    Some(value) => filled.push_str(&value),
                    None => {
                        filled.push_str("{}");
                        whole = false;
                    }
                }
                rest = back;
            }
            filled.push_str(rest);
            text = filled;
        }
        self.push(Value::Text { text, whole }, (at, at + 1), way, out);
    }

    /// The text of a name, where the file gives it one.
    pub(super) fn constant(&self, name: &str, at: u32, way: &Way) -> Option<String> {
        let binding = self.outline.binding(name.trim(), at)?;
        let mut found = Vec::new();
        self.collect(binding.value?, &Way { hops: way.hops + 1, env: None, ..way.clone() }, &mut found);
        found.iter().find_map(|found| found.whole()).filter(|text| text.len() < 2_000).map(str::to_owned)
    }

    /// Alternatives and sums; whether there were any.
    fn operators(&self, range: Range, way: &Way, out: &mut Vec<Found>) -> bool {
        let tokens = &self.outline.tokens;
        let (start, end) = range;
        match tokens.text(start) {
            "if" => {
                self.blocks(range, way, out);
                return true;
            }
            "match" | "when" | "switch" => {
                self.arms(range, way, out);
                return true;
            }
            "|" => {
                // A closure.
                if let Some(close) = (start + 1..end.min(start + 12)).find(|at| tokens.is(*at, "|")) {
                    self.collect((close + 1, end), way, out);
                }
                return true;
            }
            "{" if tokens.mate(start) + 1 == end && self.outline.call_at(start).is_none() => {
                self.push(Value::List(self.outline.items(start, end - 1)), range, way, out);
                return true;
            }
            _ => {}
        }
        let (mut cuts, mut sum, mut question, mut steps) = (Vec::new(), Vec::new(), None, 0);
        let mut at = start;
        while at < end && steps < 300 {
            match tokens.text(at) {
                "??" | "?:" | "||" => cuts.push(at),
                "+" => sum.push(at),
                "?" if self.outline.language().type_first && question.is_none() && at > start => {
                    question = Some(at)
                }
                ":" if question.is_some() => cuts.push(at),
                "=>" | "->" => {
                    self.collect((at + 1, end), way, out);
                    return true;
                }
                "switch" if at > start => {
                    self.arms((at, end), way, out);
                    return true;
                }
                _ => {}
            }
            at = tokens.after(at);
            steps += 1;
        }
        if !self.spend(steps) {
            return true;
        }
        if let Some(question) = question.filter(|_| !cuts.is_empty()) {
            cuts.retain(|cut| *cut > question);
            self.split((question + 1, end), &cuts, way, out);
            return true;
        }
        if !cuts.is_empty() {
            self.split(range, &cuts, way, out);
            return true;
        }
        if !sum.is_empty() {
            self.sum(range, &sum, way, out);
            return true;
        }
        false
    }

    /// Alternatives; one of the environment says whose default the others are.
    pub(super) fn split(&self, range: Range, cuts: &[u32], way: &Way, out: &mut Vec<Found>) {
        let mut start = range.0;
        let mut env = way.env.clone();
        for cut in cuts.iter().copied().chain([range.1]).take(12) {
            let before = out.len();
            self.collect((start, cut), &Way { env: env.clone(), ..way.clone() }, out);
            for found in &out[before..] {
                if let Value::Env(name) = &found.value {
                    env = env.or_else(|| Some(name.clone()));
                }
            }
            start = cut + 1;
        }
    }

    fn sum(&self, range: Range, cuts: &[u32], way: &Way, out: &mut Vec<Found>) {
        let mut text = String::new();
        let mut whole = true;
        let mut any = false;
        let mut start = range.0;
        for cut in cuts.iter().copied().chain([range.1]).take(200) {
            let mut parts = Vec::new();
            self.collect((start, cut), way, &mut parts);
            match parts
                .iter()
                .find_map(|part| Some((part.text()?, matches!(part.value, Value::Text { whole: true, .. }))))
            {
                Some((part, is_whole)) if text.len() < 100_000 => {
                    any = true;
                    whole &= is_whole;
                    text.push_str(part);
                }
                _ => {
                    whole = false;
                    text.push_str("{}");
                }
            }
            start = cut + 1;
        }
        if any {
            self.push(Value::Text { text, whole }, range, way, out);
        }
    }

    /// `if c { a } else { b }`, `if (c) a else b`.
    fn blocks(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let mut at = range.0;
        let mut steps = 0;
        while at < range.1 && steps < 100 {
            if tokens.is(at, "{") {
                let (open, close) = (at, tokens.mate(at));
                let last = (open + 1..close).rev().take(60).find(|at| tokens.is(*at, ";"));
                self.collect((last.map_or(open + 1, |last| last + 1), close), way, out);
            } else if tokens.is(at, "else") && !tokens.is(at + 1, "{") && !tokens.is(at + 1, "if") {
                self.collect((at + 1, range.1), way, out);
                if tokens.is(range.0 + 1, "(") {
                    self.collect((tokens.after(range.0 + 1), at), way, out);
                }
                return;
            }
            at = tokens.after(at);
            steps += 1;
        }
    }

    /// The arms of a `match`, `when` or `switch`.
    fn arms(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let Some(open) = (range.0..range.1).take(60).find(|at| tokens.is(*at, "{")) else { return };
        let mut at = open + 1;
        let mut steps = 0;
        while at < tokens.mate(open) && steps < 400 {
            if matches!(tokens.text(at), "=>" | "->") {
                let mut end = at + 1;
                while end < tokens.mate(open)
                    && !matches!(tokens.text(end), "," | ";" | "=>" | "->")
                    && steps < 400
                {
                    if end > at + 1 && self.outline.language().newline_ends && tokens.starts_line(end) {
                        break;
                    }
                    end = tokens.after(end);
                    steps += 1;
                }
                self.collect((at + 1, end), way, out);
                at = end;
            } else {
                at = tokens.after(at);
            }
            steps += 1;
        }
    }

    /// `name`, `Type.NAME`, `a.b.C`.
    fn path(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let (start, end) = range;
        if end - start > 24 {
            return;
        }
        let plain = (start..end)
            .all(|at| tokens.is_word(at) || matches!(tokens.text(at), "." | "::" | "?." | "!" | "!!"));
        if !plain {
            // `f(…).await`, `config["x"].Value`.
            let last = tokens.text(end - 1);
            if end - start > 2 && matches!(last, "await" | "Value" | "value" | "Length") {
                self.collect((start, end - 2), way, out);
            }
            return;
        }
        let words = self.outline.words(range);
        let last = words.len() - 1;
        let binding = match words.as_slice() {
            [name] => self.outline.binding(name, start),
            ["this" | "self" | "Self", name] => {
                self.outline.binding(name, start).filter(|found| found.member)
            }
            [.., of, name] if self.outline.declaration(of).is_some() => self.outline.member(of, name),
            _ => None,
        };
        let way = &Way { hops: way.hops + 1, ..way.clone() };
        if let Some(binding) = binding {
            if let Some(value) = binding.value {
                self.collect(value, &Way { name: Some(binding.name), ..way.clone() }, out);
            } else if let Some(path) = self.embedded(binding.name) {
                self.push(Value::File(path), (binding.name, binding.name + 1), way, out);
            }
            return;
        }
        if let Some(declaration) = self.outline.declaration(words[last]).filter(|_| words.len() <= 2) {
            let id = self.outline.declarations.iter().position(|other| other.name == declaration.name);
            if let Some(id) = id.filter(|_| self.spend(32)) {
                self.push(Value::Function(id as u32), (start, end), way, out);
                return;
            }
        }
        self.push(Value::Path(words.iter().map(|word| (*word).to_owned()).collect()), (start, end), way, out);
    }

    fn bracketed(&self, range: Range, way: &Way, out: &mut Vec<Found>) {
        let tokens = &self.outline.tokens;
        let (start, end) = range;
        let last = end - 1;
        let open = tokens.mate(last);
        if tokens.is(open, "[") {
            if open == start {
                self.push(Value::List(self.outline.items(open, last)), range, way, out);
                return;
            }
            if let Some(call) = self.outline.call_at(open).map(|id| &self.outline.calls[id as usize])
                && call.form == Form::Macro
            {
                self.push(Value::List(self.outline.items(open, last)), range, way, out);
                return;
            }
            // `configuration["OpenAI:Key"]`, `System.getenv()["KEY"]`.
            if tokens.kind(open + 1) == Kind::Text && open + 2 == last && open > start {
                let base = (start..open)
                    .rev()
                    .take(4)
                    .find(|at| tokens.is_word(*at))
                    .map(|at| tokens.text(at).to_ascii_lowercase());
                if base.is_some_and(|base| {
                    base.contains("config")
                        || base.contains("env")
                        || base.contains("secret")
                        || base.contains("settings")
                }) {
                    let name = text::read(tokens.text(open + 1), self.outline.language()).text;
                    self.push(Value::Env(name), range, way, out);
                }
            }
            return;
        }
        let Some(id) = self.outline.call_at(open) else { return };
        let call = &self.outline.calls[id as usize];
        if call.start < start && call.open < start {
            return;
        }
        match call.form {
            Form::List => self.push(Value::List(self.outline.items(open, last)), range, way, out),
            Form::Literal => self.push(Value::Object(id), range, way, out),
            _ => self.called(id, call, range, way, out),
        }
    }
}
