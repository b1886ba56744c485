//! Tables of calls: what a constructor or function of a known library makes, and what its first argument is.
//!
//! A row is found by the last part of the callee's path and accepted when the path belongs to one of its roots; so a
//! class is known wherever its package re-exports it from. Named arguments need no rows: [`crate::words`]. The rows
//! are the language's; so is what a path looks like.
//!
//! ```
//! use inventar_analysis::calls::{Makes, Table};
//!
//! const TABLE: Table = Table {
//!     rules: inventar_analysis::calls! {
//!         "FAISS", "langchain" => VectorStore, Nothing;
//!         "StateGraph", "langgraph" => Agent, Nothing;
//!     },
//!     factories: &["from_texts"],
//!     separators: &['.'],
//!     accepts: |root, path| path.starts_with(root),
//! };
//! assert!(TABLE.is_sorted());
//! assert_eq!(TABLE.rule("langchain.vectorstores.FAISS.from_texts").map(|rule| rule.makes), Some(Makes::VectorStore));
//! assert!(TABLE.rule("mine.StateGraph").is_none());
//! ```

/// What a call makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// An agent, a graph or crew of them.
    Agent,
    /// A call of a model that is an agent when it is given tools and when to stop.
    AgentLoop,
    /// A function that is an agent when something in it is given tools.
    Flow,
    /// A prompt with a name, a system text and a template; with tools it is an agent.
    NamedPrompt,
    /// Wraps an agent that is named in an argument.
    AgentAround(&'static str),
    /// A tool, a function that a model may call.
    Tool,
    /// A vector store, or its client.
    VectorStore,
    /// A dataset.
    Dataset,
    /// A server of the Model Context Protocol.
    McpServer,
    /// A client of one.
    McpClient,
    /// A guardrail.
    Guardrail,
    /// A run that trains.
    Training,
    /// A run that evaluates.
    Evaluation,
    /// A prompt: its text is the first argument or the named one.
    Prompt(&'static str),
    /// A prompt that is fetched from a hub by its first argument.
    HubPrompt,
    /// Something whose arguments are enough.
    Plain,
}

/// What the first positional argument is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Nothing that matters.
    Nothing,
    /// A model.
    Model,
    /// The name of what is made.
    Name,
    /// A function: its name is the tool's.
    Function,
    /// Where a service is.
    Url,
    /// A task; the model is named, or the second argument.
    SecondModel,
}

/// A call of a known library.
#[derive(Debug)]
pub struct Rule {
    /// The last part of the callee's path.
    pub last: &'static str,
    /// Heads of paths, separated by `|`.
    pub roots: &'static str,
    /// What it makes.
    pub makes: Makes,
    /// What its first argument is.
    pub first: First,
}

/// What a detector knows of the calls of its language.
#[derive(Debug)]
pub struct Table {
    /// Sorted by the last part.
    pub rules: &'static [Rule],
    /// Methods that make what stands in front of them: `FAISS.from_texts(…)` makes a FAISS.
    pub factories: &'static [&'static str],
    /// What separates the parts of a path.
    pub separators: &'static [char],
    /// Whether a path is of the library with that root.
    pub accepts: fn(root: &str, path: &str) -> bool,
}

impl Table {
    /// The rule for the path of a callee.
    pub fn rule(&self, path: &str) -> Option<&'static Rule> {
        let (front, last) = path.rsplit_once(self.separators).unwrap_or(("", path));
        self.find(last, path).or_else(|| {
            let made = front.rsplit(self.separators).next().unwrap_or(front);
            self.factories.contains(&last).then(|| self.find(made, path)).flatten()
        })
    }

    /// Whether any rule may speak of a callee of that name: spares resolving all others.
    pub fn is_known_name(&self, last: &str) -> bool {
        self.rules.binary_search_by(|rule| rule.last.cmp(last)).is_ok() || self.factories.contains(&last)
    }

    /// Whether the rows are in the order in which they are searched.
    pub fn is_sorted(&self) -> bool {
        self.rules.is_sorted_by_key(|rule| rule.last)
    }

    fn find(&self, last: &str, path: &str) -> Option<&'static Rule> {
        let start = self.rules.partition_point(|rule| rule.last < last);
        let named = self.rules[start..].iter().take_while(|rule| rule.last == last);
        named.into_iter().find(|rule| rule.roots.split('|').any(|root| (self.accepts)(root, path)))
    }
}

/// Writes the rows of a [`Table`]: `"Name", "root|root" => Makes, First;`.
#[macro_export]
macro_rules! calls {
    ($($last:literal, $roots:literal => $makes:ident $(($argument:literal))?, $first:ident;)*) => {
        &[$($crate::calls::Rule {
            last: $last,
            roots: $roots,
            makes: $crate::calls::Makes::$makes $(($argument))?,
            first: $crate::calls::First::$first,
        }),*]
    };
}
