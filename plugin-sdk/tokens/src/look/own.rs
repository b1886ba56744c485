//! Vector stores of a project's own: types that keep vectors, and clients of databases that no library is imported for.

use super::Look;
use crate::outline::{Declaration, Declares, Form};
use crate::{names, scan::Kind};
use inventar_analysis::{endpoint, words};
use inventar_plugin_sdk::Asset;

impl Look<'_, '_, '_> {
    /// `class VectorDb` that vectors are added to and searched in, told by how near they are.
    pub(super) fn own_stores(&mut self) {
        let outline = self.outline();
        let named: Vec<(u32, &Declaration)> = outline
            .declarations
            .iter()
            .enumerate()
            .map(|(id, declaration)| (id as u32, declaration))
            .filter(|(_, declaration)| {
                declaration.declares == Declares::Type
                    && is_own_store(outline.tokens.text(declaration.name))
                    && !matches!(
                        outline.tokens.text(declaration.keyword),
                        "interface" | "trait" | "impl" | "mod" | "namespace" | "enum"
                    )
            })
            .take(8)
            .collect();
        if named.is_empty() || self.has_store() || !self.compares_vectors() {
            return;
        }
        for (id, declaration) in named {
            // Methods of Go and Rust stand beside the type.
            let is_beside = matches!(outline.language().name, "go" | "rust");
            let mut methods = outline
                .declarations
                .iter()
                .filter(|method| {
                    method.declares == Declares::Function && (is_beside || method.within == Some(id))
                })
                .map(|method| outline.tokens.text(method.name).to_ascii_lowercase())
                .take(400);
            let (mut searches, mut adds) = (false, false);
            methods.any(|method| {
                searches |= begins(
                    &method,
                    &["search", "query", "find", "nearest", "similar", "topk", "top_k", "retrieve"],
                );
                adds |= begins(&method, &["add", "insert", "upsert", "store", "index", "save", "put"]);
                searches && adds
            });
            let name = outline.tokens.text(declaration.name);
            let key = format!("vector-store:{name}");
            if searches && adds && !self.declared.contains_key(&id) {
                let at = self.extent(declaration.name, declaration.name);
                let seen = self.seen(at, "vector-store-of-the-project", 0, 70);
                self.out.see(&key, seen, |key| Asset::new(key, "vector-store", name));
                self.declare(id, key);
            }
        }
    }

    /// `qdrant.NewClient("localhost", 6333)`, `new QdrantClient(url)` in a package of the project's own.
    pub(super) fn own_client(&mut self, id: u32) {
        const MAKES: &[&str] =
            &["New", "NewClient", "NewStore", "NewService", "NewRepository", "Connect", "new", "connect"];
        let call = self.call(id);
        let outline = self.outline();
        let path = outline.path(call);
        let of = match (call.form, path.as_slice()) {
            (Form::Call, [.., of, made]) if MAKES.contains(made) => *of,
            (Form::Call, [made]) => match made.strip_prefix("New") {
                Some(of) => of,
                None => return,
            },
            (Form::New, [.., made]) => *made,
            _ => return,
        };
        let Some(database) = database_of(of) else { return };
        if self.target(id).is_none_or(|target| !self.flow.is_listed(&target.module)) {
            let seen = self.seen(self.callee_extent(call), "vector-database-client", 0, 60);
            self.databases.push((database, seen));
        }
    }

    /// Whether a vector store was found.
    pub(super) fn has_store(&self) -> bool {
        self.out.assets().iter().any(|asset| asset.kind == "vector-store")
    }

    /// Whether the file tells how near vectors are to each other.
    fn compares_vectors(&self) -> bool {
        let tokens = &self.outline().tokens;
        (0..tokens.len()).filter(|at| tokens.kind(*at) == Kind::Word).any(|at| {
            let word = tokens.text(at);
            words::has_any(word, &["osine", "imilarity", "istance", "otProduct", "dot_product"])
        })
    }
}

/// Types that are called a store of vectors, and are one themselves.
fn is_own_store(name: &str) -> bool {
    const ENDS: &[&str] = &[
        "VectorDB",
        "VectorDb",
        "VectorDatabase",
        "VectorStore",
        "VectorIndex",
        "EmbeddingStore",
        "EmbeddingIndex",
    ];
    const NOT: &[&str] = &["mock", "fake", "stub", "abstract", "base", "null", "noop", "dummy", "test"];
    let is_interface = name.starts_with('I') && name[1..].starts_with(|c: char| c.is_ascii_uppercase());
    ENDS.iter().any(|end| name.ends_with(end))
        && !is_interface
        && !names::words(name).iter().any(|word| NOT.contains(&word.as_str()))
}

/// The vector database that a package or type is called: `qdrant`, `QdrantClient`.
fn database_of(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let short =
        ["client", "store", "service", "repository", "db"].iter().find_map(|end| lower.strip_suffix(end));
    let short = short.unwrap_or(&lower).trim_end_matches('_');
    endpoint::DATABASES.iter().copied().find(|database| *database == short)
}

fn begins(name: &str, fronts: &[&str]) -> bool {
    fronts.iter().any(|front| name.starts_with(front))
}
