//! MCP servers, where the programs that use them are told about them.
//!
//! ```text
//! bytes ──documents──► Node (spans) ──config::read──► servers ──asset::report──► assets
//!                                    ▲                ▲
//!                            clients: where       launch: what a command starts
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`clients`] | the table: which file is whose, and where its servers stand |
//! | [`config`] | the servers of a tree, every client's spelling |
//! | [`properties`] | the tree of Java properties |
//! | [`launch`] | `npx -y @a/b@1.2` → `pkg:npm/%40a/b`, exactly 1.2 |
//! | [`secret`] | names of secrets, references to variables, arguments without secrets |
//! | [`asset`] | servers as Inventar lists them |
//! | [`bundle`] | servers that describe themselves: MCPB manifests, entries of the registry |
//!
//! No value of a variable or header ever leaves this plugin: only names do, and arguments and addresses with what is
//! secret taken out.

pub mod asset;
pub mod bundle;
pub mod clients;
pub mod config;
pub mod launch;
pub mod properties;
pub mod secret;

use inventar_documents::Format;
use inventar_plugin_sdk::{Answer, Content, Detector, File, GapReason, Lines, NoSettings};

/// The largest configuration that is read. Claude Code keeps its history beside its servers.
const MAX_BYTES: u64 = 16 << 20;

/// The plugin.
#[derive(Debug)]
pub struct Mcp;

impl Detector for Mcp {
    type Settings = NoSettings;

    fn scan(_settings: &NoSettings, file: &File) -> Answer {
        let mut answer = Answer::default();
        if file.size() > MAX_BYTES {
            answer.gap(
                &file.path,
                GapReason::TooLarge(MAX_BYTES),
                "an MCP configuration of this size is not read",
            );
            return answer;
        }
        if file.bytes().is_none() {
            let bytes = file.read(0, file.size() as usize);
            let whole = File::new(file.path.clone(), file.hits.clone(), Content::Whole(bytes));
            scan_whole(&whole, &mut answer);
        } else {
            scan_whole(file, &mut answer);
        }
        answer
    }
}

fn scan_whole(file: &File, answer: &mut Answer) {
    let Some(text) = file.text() else {
        return answer.unparsable(&file.path, "it is not UTF-8; save it as UTF-8");
    };
    let client = clients::client(&file.path);
    if file.path.ends_with(".properties") {
        return asset::report(file, &config::read(&[properties::tree(text)], client), client, answer);
    }
    let Some(format) = Format::of(&file.path) else { return };
    let (documents, broken) = inventar_documents::parse_all(text, format);
    if documents.first().is_some_and(|root| bundle::report(file, root, answer)) {
        return;
    }
    asset::report(file, &config::read(&documents, client), client, answer);
    // Settings are claimed for a word in them: a broken one matters only if it speaks of servers.
    let speaks = match client {
        Some(_) => {
            ["mcp", "Mcp", "MCP", "context_servers", "extensions"].iter().any(|word| text.contains(word))
        }
        None => clients::COMMON_KEYS.iter().any(|key| text.contains(key)),
    };
    if let Some(broken) = broken.filter(|_| speaks) {
        let line = Lines::of(text.as_bytes()).line(broken.at);
        answer.unparsable(&file.path, format!("line {line}: {} ({})", broken.why, format.as_str()));
    }
}

inventar_plugin_sdk::detector!(Mcp);
