//! Command lines of containers: which server they start, and with which model.

use crate::server::{self, Role, Server};

/// What a command line says.
#[derive(Debug, Default)]
pub struct Command<'w> {
    /// The software it starts.
    pub server: Option<&'static Server>,
    /// What stands where a model stands: ids, addresses; no paths of the container.
    pub models: Vec<&'w str>,
    /// The names under which they are served.
    pub served_names: Vec<&'w str>,
    /// The package of an MCP server that it starts: `npx -y @scope/server-x`.
    pub mcp_package: Option<&'w str>,
    /// What the server does where the command says more than the program: `mlflow models serve`.
    pub role: Option<Role>,
}

/// Flags whose value is a model or where it lies.
const MODEL_FLAGS: &[&str] = &[
    "model",
    "model-id",
    "model-path",
    "model-uri",
    "model-name-or-path",
    "model-base-path",
    "model-repository",
    "model-store",
    "model-dir",
    "hf-repo",
    "base-model",
    "embedding-model",
    "speculative-model",
    "draft-model",
    "lora-modules",
    "models",
    "pretrained-model-name-or-path",
];

/// Their short forms, with the programs that have them.
const SHORT_FLAGS: &[(&str, &str)] = &[("-m", "mlflow"), ("-hf", "llama-server"), ("-m", "llama-server")];

/// Verbs behind which a model stands by itself.
const VERBS: &[(&str, &str)] =
    &[("vllm", "serve"), ("ollama", "pull"), ("ollama", "run"), ("local-ai", "run"), ("sglang", "serve")];

fn program_of(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

impl<'w> Command<'w> {
    /// Reads the words of a command and its arguments.
    pub fn read(words: &[&'w str]) -> Self {
        let mut command = Self::default();
        for (index, word) in words.iter().copied().enumerate() {
            let next = words.get(index + 1).copied();
            let previous = index.checked_sub(1).map_or("", |before| words[before]);
            command.start(word, previous, next);
            let (flag, value) = match word.split_once('=') {
                Some((flag, value)) => (flag, Some(value)),
                None => (word, next.filter(|next| !next.starts_with('-'))),
            };
            let Some(value) =
                value.map(|value| value.trim_matches(['"', '\''])).filter(|value| !value.is_empty())
            else {
                continue;
            };
            if let Some(name) = flag.strip_prefix("--") {
                let name = name.replace('_', "-");
                if MODEL_FLAGS.contains(&name.as_str()) {
                    // `--lora-modules name=org/adapter`.
                    let value = if name == "lora-modules" {
                        value.split_once('=').map_or(value, |(_, value)| value)
                    } else {
                        value
                    };
                    command.models.push(value);
                } else if name == "served-model-name" {
                    command.served_names.push(value);
                }
            } else {
                let is_short = SHORT_FLAGS.iter().any(|(short, program)| {
                    *short == flag && words[..index].iter().any(|word| program_of(word) == *program)
                });
                let is_verb = VERBS.contains(&(program_of(previous), word));
                if is_short || is_verb {
                    command.models.push(value);
                }
            }
        }
        command
    }

    fn start(&mut self, word: &'w str, previous: &str, next: Option<&'w str>) {
        let found = if previous == "-m" { server::of_module(word) } else { server::of_program(word) };
        if let Some(found) = found
            && self.server.is_none_or(|known| known.role < found.role)
        {
            self.server = Some(found);
        }
        if program_of(previous) == "mlflow" && word == "models" && next == Some("serve") {
            self.role = Some(Role::Inference);
        }
        let is_launcher =
            matches!(program_of(previous), "npx" | "uvx" | "bunx" | "pipx" | "-y" | "run" | "dlx" | "--from");
        let is_module = previous == "-m" && word.starts_with("mcp_server");
        if (is_launcher || is_module) && names_mcp(word) {
            self.mcp_package = Some(word);
        }
    }
}

/// Whether a package's name says that it is an MCP server.
fn names_mcp(package: &str) -> bool {
    package.starts_with("@modelcontextprotocol/")
        || package.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "mcp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, server: Option<&str>, models: &[&str]) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let command = Command::read(&words);
        assert_eq!(
            (command.server.map(|server| server.name), command.models.as_slice()),
            (server, models),
            "{line}"
        );
    }

    #[test]
    fn commands() {
        check("--model meta-llama/Llama-3.1-8B-Instruct", None, &["meta-llama/Llama-3.1-8B-Instruct"]);
        check("vllm serve org/name --port 80", Some("vLLM"), &["org/name"]);
        check("sh -c exec vllm serve org/name", Some("vLLM"), &["org/name"]);
        check("python -m vllm.entrypoints.openai.api_server --model=x/y", Some("vLLM"), &["x/y"]);
        check("text-generation-launcher --model-id a/b", Some("Text Generation Inference"), &["a/b"]);
        check("tritonserver --model-repository=s3://b/models", Some("Triton"), &["s3://b/models"]);
        check(
            "tensorflow_model_server --model_base_path=gs://b/m",
            Some("TensorFlow Serving"),
            &["gs://b/m"],
        );
        check("ollama serve", Some("Ollama"), &[]);
        check("ollama pull llama3", Some("Ollama"), &["llama3"]);
        check("mlflow models serve -m models:/churn/3", Some("MLflow"), &["models:/churn/3"]);
        check("llama-server -hf org/repo:Q4", Some("llama.cpp"), &["org/repo:Q4"]);
        check("vllm serve a/b --lora-modules sql=c/d", Some("vLLM"), &["a/b", "c/d"]);
        check("nginx -g daemon", None, &[]);
        check("app --model --verbose", None, &[]);
        check("cp -m x", None, &[]);
    }

    #[test]
    fn mcp_servers() {
        for (line, package) in [
            ("npx -y @modelcontextprotocol/server-github", Some("@modelcontextprotocol/server-github")),
            ("uvx mcp-server-git", Some("mcp-server-git")),
            ("python -m mcp_server_time", Some("mcp_server_time")),
            ("npx -y serve", None),
            ("cat mcp.json", None),
        ] {
            let words: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(Command::read(&words).mcp_package, package, "{line}");
        }
    }
}
