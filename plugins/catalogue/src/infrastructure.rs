//! What runs AI: resource types of infrastructure as code, container images, steps of CI.

include!(concat!(env!("OUT_DIR"), "/infrastructure.rs"));

/// A type of resource that is AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceType {
    /// `terraform`, `cloudformation`, `arm`, `kubernetes`, `pulumi`.
    pub dialect: &'static str,
    /// As the dialect writes it; of Kubernetes, `group/Kind`. A trailing `*` stands for any further text.
    pub name: &'static str,
    /// Whose service it is.
    pub provider: &'static str,
    /// `model-api`, `inference`, `agent`, `training`, `vector-store` …
    pub category: &'static str,
    /// The documentation that lists it.
    pub source: &'static str,
    /// The day the entry was last looked at.
    pub reviewed: &'static str,
}

/// A container image that is AI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Image {
    /// The repository, without Docker Hub's registry. A trailing `*` stands for any further text.
    pub name: &'static str,
    /// Whose software is in it.
    pub provider: &'static str,
    /// `model-server`, `gateway`, `agent-platform`, `vector-database`, `observability`, `machine-learning`.
    pub category: &'static str,
    /// The documentation that names it.
    pub source: &'static str,
    /// The day the entry was last looked at.
    pub reviewed: &'static str,
}

/// A step of CI, or a program that one runs, that asks a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CiTool {
    /// `owner/action`, or the program's name. A trailing `*` stands for any further text.
    pub pattern: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Whose it is.
    pub provider: &'static str,
    /// The documentation that names it.
    pub source: &'static str,
    /// The day the entry was last looked at.
    pub reviewed: &'static str,
}

/// Every type, sorted by dialect and name.
pub fn resource_types() -> &'static [ResourceType] {
    RESOURCE_TYPES
}

/// Every image, sorted.
pub fn container_images() -> &'static [Image] {
    IMAGES
}

/// Every action, then every program.
pub fn ci_tools() -> impl Iterator<Item = &'static CiTool> {
    ACTIONS.iter().chain(PROGRAMS)
}

/// The type of that name in a dialect. ARM writes names in any case.
pub fn resource_type(dialect: &str, name: &str) -> Option<&'static ResourceType> {
    let is_arm = dialect == "arm";
    let of_dialect = RESOURCE_TYPES.iter().filter(|entry| entry.dialect == dialect);
    best(of_dialect, |entry| fits(entry.name, name, is_arm))
}

/// The image that a reference names: `ollama/ollama:0.5`, `docker.io/qdrant/qdrant@sha256:…`.
pub fn container_image(reference: &str) -> Option<&'static Image> {
    let repository = repository(reference).to_ascii_lowercase();
    best(IMAGES.iter(), |entry| fits(entry.name, &repository, false))
}

/// The action that `uses:` names: `owner/action@v1`.
pub fn ci_action(uses: &str) -> Option<&'static CiTool> {
    let action = uses.split('@').next().unwrap_or(uses).to_ascii_lowercase();
    best(ACTIONS.iter(), |entry| fits(entry.pattern, &action, false))
}

/// The program of that name.
pub fn ci_program(name: &str) -> Option<&'static CiTool> {
    PROGRAMS.iter().find(|entry| entry.pattern == name)
}

/// An image reference without tag, digest and Docker Hub's registry.
pub fn repository(reference: &str) -> &str {
    let bare = reference.split('@').next().unwrap_or(reference);
    let colon = bare.rfind(':').filter(|at| !bare[*at..].contains('/'));
    let bare = colon.map_or(bare, |at| &bare[..at]);
    ["docker.io/library/", "docker.io/", "index.docker.io/", "registry.hub.docker.com/"]
        .iter()
        .find_map(|registry| bare.strip_prefix(registry))
        .unwrap_or(bare)
}

/// The entry with the longest match.
fn best<T>(
    entries: impl Iterator<Item = &'static T>,
    fits: impl Fn(&T) -> Option<usize>,
) -> Option<&'static T> {
    entries
        .filter_map(|entry| fits(entry).map(|length| (length, entry)))
        .max_by_key(|(length, _)| *length)
        .map(|(_, entry)| entry)
}

/// How many bytes of the text a pattern names; an exact name wins over every pattern.
fn fits(pattern: &str, text: &str, any_case: bool) -> Option<usize> {
    let eq = |a: &str, b: &str| if any_case { a.eq_ignore_ascii_case(b) } else { a == b };
    match pattern.strip_suffix('*') {
        None => eq(pattern, text).then_some(usize::MAX),
        Some(head) => text.get(..head.len()).is_some_and(|front| eq(front, head)).then_some(head.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images() {
        for (reference, category) in [
            ("ollama/ollama", Some("model-server")),
            ("ollama/ollama:0.5.1", Some("model-server")),
            ("docker.io/qdrant/qdrant@sha256:ab", Some("vector-database")),
            ("semitechnologies/weaviate:1", Some("vector-database")),
            ("localhost:5000/ollama/ollama", None),
            ("postgres:16", None),
            ("redis", None),
        ] {
            assert_eq!(container_image(reference).map(|image| image.category), category, "{reference}");
        }
    }

    #[test]
    fn types() {
        let category = |dialect, name| resource_type(dialect, name).map(|entry| entry.category);
        assert_eq!(category("terraform", "aws_bedrockagent_agent"), Some("agent"));
        assert_eq!(category("terraform", "azurerm_cognitive_account_connection_api_key"), Some("model-api"));
        assert_eq!(category("arm", "microsoft.cognitiveservices/Accounts"), Some("model-api"));
        assert_eq!(category("cloudformation", "AWS::S3::Bucket"), None);
        assert_eq!(category("kubernetes", "serving.kserve.io/InferenceService"), Some("inference"));
        assert_eq!(category("pulumi", "aws:sagemaker:Endpoint"), Some("ml-platform"));
    }

    #[test]
    fn steps() {
        assert_eq!(ci_action("anthropics/claude-code-action@v1").map(|tool| tool.name), Some("Claude Code"));
        assert_eq!(ci_action("actions/checkout@v4"), None);
        assert_eq!(ci_program("claude").map(|tool| tool.provider), Some("anthropic"));
    }
}
