//! Names: from camel case to the words that the languages share, and from an SDK's constants to model ids.

use inventar_catalogue::{Model, model, model_at_model_place};

/// `BaseURL` → `base_url`, `WithAPIKey` → `api_key`, `setModelName` → `model_name`.
pub(crate) fn snake(name: &str) -> String {
    let whole = spelled(name);
    let mut short = whole.as_str();
    while let Some((front, rest)) = short.split_once('_')
        && matches!(front, "with" | "set" | "use" | "add" | "get")
    {
        short = rest;
    }
    if short.len() == whole.len() { whole } else { short.to_owned() }
}

/// The words of a name, in lower case: a change of case, a digit behind a letter and `_` separate them.
pub(crate) fn words(name: &str) -> Vec<String> {
    spelled(name).split('_').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The words of a name with `_` between.
fn spelled(name: &str) -> String {
    const MAX_CHARS: usize = 120;
    let mut spelled = String::with_capacity(name.len() + 4);
    let mut before: Option<char> = None;
    let mut chars = name.chars().take(MAX_CHARS).peekable();
    while let Some(c) = chars.next() {
        let starts = match before {
            Some(before) if c.is_uppercase() => {
                before.is_lowercase()
                    || before.is_numeric()
                    || before.is_uppercase() && chars.peek().is_some_and(|behind| behind.is_lowercase())
            }
            _ => false,
        };
        before = Some(c);
        let is_part = c.is_alphanumeric();
        if (starts || !is_part) && !spelled.is_empty() && !spelled.ends_with('_') {
            spelled.push('_');
        }
        match is_part {
            true if c.is_ascii() => spelled.push(c.to_ascii_lowercase()),
            true => spelled.extend(c.to_lowercase()),
            false => {}
        }
    }
    if spelled.ends_with('_') {
        spelled.pop();
    }
    spelled
}

/// Whose constants a type holds, where the constants leave the family away: `AnthropicModels.Sonnet_4`.
const FAMILIES: &[(&str, &str)] = &[
    ("anthropic", "claude-"),
    ("claude", "claude-"),
    ("google", "gemini-"),
    ("gemini", "gemini-"),
    ("openai", "gpt-"),
    ("mistral", "mistral-"),
    ("deepseek", "deepseek-"),
    ("cohere", "command-"),
];

/// The model that a constant of an SDK stands for: `openai.GPT4oMini`, `ChatModel.GPT_4_1`, `ModelClaudeSonnet4_0`.
pub(crate) fn constant(path: &[&str]) -> Option<(String, Model)> {
    const GETTERS: &[&str] =
        &["getValue", "getName", "value", "toString", "name", "asString", "modelName", "id"];
    let name = path.iter().rev().find(|name| !GETTERS.contains(name))?;
    if !name.starts_with(|c: char| c.is_ascii_uppercase()) || name.len() < 2 || name.len() > 80 {
        return None;
    }
    let mut words = split(name);
    const FRONT: &[&str] = &[
        "model",
        "chat",
        "embedding",
        "embeddings",
        "create",
        "image",
        "speech",
        "audio",
        "anthropic",
        "openai",
        "const",
        "default",
        "deployment",
        "name",
        "id",
        "beta",
        "latest",
    ];
    // `AllMiniLmL6V2`.
    if let Some(at) = words.windows(2).position(|pair| pair[0] == "mini" && pair[1] == "lm") {
        words[at] = "minilm".to_owned();
        words.remove(at + 1);
    }
    const BACK: &[&str] = &["model", "name", "id", "value"];
    let whole = words.clone();
    while words.len() > 1 && FRONT.contains(&words[0].as_str()) {
        words.remove(0);
    }
    while words.len() > 1 && words.last().is_some_and(|word| BACK.contains(&word.as_str())) {
        words.pop();
    }
    let mut forms = spellings(&words);
    if words.len() != whole.len() {
        forms.extend(spellings(&whole));
    }
    // The first SDK for Go has its own order of words.
    match &*words.concat() {
        "adav2" | "adaembeddingv2" | "ada002" => forms.push("text-embedding-ada-002".to_owned()),
        "smallembedding3" => forms.push("text-embedding-3-small".to_owned()),
        "largeembedding3" => forms.push("text-embedding-3-large".to_owned()),
        "dalle2" => forms.push("dall-e-2".to_owned()),
        "dalle3" => forms.push("dall-e-3".to_owned()),
        "gpt4turbo1106" => forms.insert(0, "gpt-4-1106-preview".to_owned()),
        "gpt4turbo0125" => forms.insert(0, "gpt-4-0125-preview".to_owned()),
        "gpt4visionpreview" => forms.insert(0, "gpt-4-vision-preview".to_owned()),
        _ => {}
    }
    if let Some(found) = forms.iter().find_map(|form| Some((form.clone(), model(form)?))) {
        return Some(found);
    }
    // `Claude35Sonnet`: a version without its point.
    let pointed: Vec<String> = words
        .iter()
        .map(|word| match word.as_bytes() {
            [a, b] if a.is_ascii_digit() && b.is_ascii_digit() => {
                format!("{}.{}", char::from(*a), char::from(*b))
            }
            _ => word.clone(),
        })
        .collect();
    if pointed != words
        && let Some(found) = spellings(&pointed).into_iter().find_map(|form| Some((model(&form)?, form)))
    {
        return Some((found.1, found.0));
    }
    // `TII_UAE_FALCON_7B_INSTRUCT`: the maker stands in front.
    for front in 1..words.len().saturating_sub(1).min(3) {
        let behind = spellings(&words[front..]);
        if let Some(found) = behind.into_iter().find_map(|form| Some((model(&form)?, form))) {
            return Some((found.1, found.0));
        }
    }
    let holder = path.len().checked_sub(2).map(|at| path[at].to_ascii_lowercase()).unwrap_or_default();
    let above = path.len().checked_sub(3).map(|at| path[at].to_ascii_lowercase()).unwrap_or_default();
    for (part, family) in FAMILIES {
        if holder.contains(part) || above.contains(part) {
            let found = forms.iter().find_map(|form| {
                let form = format!("{family}{form}");
                let found = model(&form)?;
                Some((form, found))
            });
            if found.is_some() {
                return found;
            }
        }
    }
    let named = holder.contains("model") && words.len() == 1;
    forms.iter().filter(|_| named).find_map(|form| Some((form.clone(), model_at_model_place(form)?)))
}

/// Words of a constant's name; digits are words of their own, and what is written to them stays with them: `4o`.
fn split(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for word in words(name) {
        let mut part = String::new();
        for c in word.chars() {
            let turns = part.chars().last().is_some_and(|last| last.is_alphabetic() && c.is_numeric());
            // `o3`, `v2`, `r1` are one word.
            if turns && part.len() > 1 {
                all.push(std::mem::take(&mut part));
            }
            part.push(c);
        }
        all.push(part);
    }
    // `GPT3Dot5Turbo`.
    while let Some(dot) =
        all.iter().position(|word| word == "dot").filter(|dot| *dot > 0 && dot + 1 < all.len())
    {
        let behind = all.remove(dot + 1);
        all.remove(dot);
        all[dot - 1] = format!("{}.{behind}", all[dot - 1]);
    }
    all
}

/// How a maker may have written words: numbers with a point or a hyphen between, one letter behind a number with none.
fn spellings(words: &[String]) -> Vec<String> {
    let mut forms: Vec<String> = Vec::new();
    for style in 0..4u8 {
        let mut text = String::new();
        let mut before: Option<&str> = None;
        for word in words {
            let number = word.bytes().all(|byte| byte.is_ascii_digit());
            let after_number = before.is_some_and(|before| {
                let digits = before.strip_prefix('x').unwrap_or(before);
                !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
            });
            let after_short = before.is_some_and(|before| before.len() <= 2);
            let join = match () {
                () if before.is_none() => "",
                // `GPT_4_O` is gpt-4o, `MISTRAL_7B` mistral-7b, `MIXTRAL_8X7B` mixtral-8x7b.
                () if after_number && is_unit(word) && (word != "o" || style != 3) => "",
                () if number && word.len() <= 2 && after_number && after_short => {
                    if style & 1 == 0 {
                        "."
                    } else {
                        "-"
                    }
                }
                () if number
                    && !after_number
                    && style >= 2
                    && before.is_some_and(|before| before.len() > 1) =>
                {
                    ""
                }
                () => "-",
            };
            text.push_str(join);
            text.push_str(word);
            before = Some(word);
        }
        if !forms.contains(&text) {
            forms.push(text);
        }
    }
    forms
}

/// What is written to the number in front of it.
fn is_unit(word: &str) -> bool {
    let times = word.strip_prefix('x').filter(|rest| !rest.is_empty());
    matches!(word, "o" | "b" | "k" | "m")
        || times.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        for (name, expected) in [
            ("BaseURL", "base_url"),
            ("WithAPIKey", "api_key"),
            ("setModelName", "model_name"),
            ("modelId", "model_id"),
            ("DEFAULT_MODEL", "default_model"),
            ("system_prompt", "system_prompt"),
            ("OpenAIModel", "open_ai_model"),
            ("", ""),
        ] {
            assert_eq!(snake(name), expected, "{name}");
        }
    }

    #[test]
    fn constants_of_sdks() {
        for (path, expected) in [
            ("openai.GPT4o", "openai/gpt-4o"),
            ("openai.GPT4oMini", "openai/gpt-4o-mini"),
            ("openai.GPT3Dot5Turbo", "openai/gpt-3.5-turbo"),
            ("openai.ChatModelGPT4o", "openai/gpt-4o"),
            ("openai.ChatModelGPT4_1Mini", "openai/gpt-4.1-mini"),
            ("openai.ChatModelO3Mini", "openai/o3-mini"),
            ("anthropic.ModelClaude3_7SonnetLatest", "anthropic/claude-3.7-sonnet-latest"),
            ("anthropic.ModelClaudeSonnet4_20250514", "anthropic/claude-sonnet-4-20250514"),
            ("OpenAiChatModelName.GPT_4_O_MINI", "openai/gpt-4o-mini"),
            ("ChatModel.GPT_4O", "openai/gpt-4o"),
            ("ChatModel.GPT_4_1", "openai/gpt-4.1"),
            ("OpenAiApi.ChatModel.GPT_4_O.getValue", "openai/gpt-4o"),
            ("AnthropicModels.Sonnet_4", "anthropic/claude-sonnet-4"),
            ("OpenAIModels.Chat.GPT4o", "openai/gpt-4o"),
            ("GoogleModels.Gemini2_5Flash", "google/gemini-2.5-flash"),
            ("openai.TEXT_EMBEDDING_ADA_002", "openai/text-embedding-ada-002"),
            ("openai.AdaEmbeddingV2", "openai/text-embedding-ada-002"),
            ("openai.GPT4Turbo1106", "openai/gpt-4-1106-preview"),
            ("openai.CreateImageModelDallE3", "openai/dall-e-3"),
            ("openai.SmallEmbedding3", "openai/text-embedding-3-small"),
            ("SentenceEmbeddingsModelType.AllMiniLmL12V2", "sentence-transformers/all-minilm-l12-v2"),
            ("AnthropicModels.Claude35Sonnet", "anthropic/claude-3.5-sonnet"),
            ("MistralAiChatModelName.OPEN_MISTRAL_7B.toString", "mistral/open-mistral-7b"),
            ("MistralAiChatModelName.OPEN_MIXTRAL_8X7B", "mistral/open-mixtral-8x7b"),
            ("ModelName.TII_UAE_FALCON_7B_INSTRUCT", "tii/falcon-7b-instruct"),
            ("OpenAiEmbeddingModelName.TEXT_EMBEDDING_3_SMALL", "openai/text-embedding-3-small"),
        ] {
            let words: Vec<&str> = path.split('.').collect();
            assert_eq!(
                constant(&words).map(|(_, model)| model.identity()).as_deref(),
                Some(expected),
                "{path}"
            );
        }
        for path in ["openai.NewClient", "ChatModel.DEFAULT", "http.MethodPost", "Level.INFO", "Role.User"] {
            let words: Vec<&str> = path.split('.').collect();
            assert_eq!(constant(&words).map(|(form, _)| form), None, "{path}");
        }
    }
}
