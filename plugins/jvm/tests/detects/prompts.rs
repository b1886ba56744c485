//! Prompts, and messages that are one.

use super::{check, seen};

#[test]
fn what_a_user_is_made_to_say() {
    check(
        r#"package app;

import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.UserMessage;

class App {
    String ask(ChatClient client, Media media) {
        UserMessage message = UserMessage.builder().text("List all items you see on the image and the category of each. Return only JSON.").media(media).build();
        return client.prompt().user("Say what the weather will be.").call().content();
    }
}
"#,
        &[
            "framework org.springframework.ai:spring-ai-client-chat 3",
            "framework org.springframework.ai:spring-ai-model 4",
            "prompt ask template prompt 8",
        ],
    );
}

#[test]
fn texts_of_prompt_types() {
    let code = r#"enum class Styles(val prompt: Prompt) {
    PLAIN(
        Prompt(
            "Plain",
            "A style that says little.",
            "Write a short message about the following difference. The answer must be in {language} and " +
                "must not be longer than one line.\n{diff}",
        )
    ),
}
"#;
    assert_eq!(seen("src/main/kotlin/app/Styles.kt", code), ["prompt Plain 6"]);
}

#[test]
fn what_only_sounds_like_asking() {
    check(
        r#"package app;

class Panel {
    void show() {
        add(createOllamaUrlField("The address of the server that is used for chat.", url));
        callOpenAI("Say in a few words what this text is about.", text);
    }
}
"#,
        &["prompt show template prompt 6"],
    );
}

#[test]
fn messages_that_methods_hand_out() {
    let code = r#"class Rename(val lang: Language) : Ask<Answer> {
    override fun systemMessage() =
        "You are an experienced ${lang.id} developer."

    override fun userMessage() = """
        Find the names in this file that say nothing, and give a better one for each of them.
    """.trimIndent()

    override fun title() = "Find the names in this file that say nothing at all"
}

class Failure : Exception() {
    fun userMessage() = "Something went wrong while the file was written, try again later"
}

object Settings {
    fun getSystemPrompt(): String = config.systemPrompt ?: "You are a librarian."
}
"#;
    assert_eq!(
        seen("src/main/kotlin/app/Rename.kt", code),
        [
            "prompt getSystemPrompt system prompt 17",
            "prompt systemMessage system prompt 3",
            "prompt userMessage template prompt 5",
        ]
    );
}

#[test]
fn what_is_sent_to_a_model_by_a_name() {
    check(
        r#"package app;

class Events {
    void joined(Player player) {
        String prompt = "Write a short welcome for player " + player.getName() + ".";
        sendEventPrompt(player, prompt);
        ai.ask(player, String.format("Greet %s as a friend of %s.", player.getName(), town), this::say);
        town.ask(player, String.format("Greet %s as a friend of %s.", player.getName(), town), this::say);
        String title = "Write a short welcome for the new player";
        sendMail(player, title);
        sendPrompt("Press any key to go on with the installation", player);
        party.ask(player, "Do you want to come to the party on Sunday evening");
    }
}
"#,
        &["prompt joined template prompt 7", "prompt prompt 5"],
    );
}

#[test]
fn bodies_that_are_texts() {
    check(
        r#"package app;

class Client {
    String body(String question) {
        return "{\"model\": \"gpt-4o-mini\", \"messages\": [{\"role\": \"system\", \"content\": \"You answer in one short sentence.\"}, {\"role\": \"user\", \"content\": \"" + question + "\"}]}";
    }

    String report() {
        return "{\"model\": \"users\", \"messages\": [{\"field\": \"name\", \"content\": \"must not be empty at all\"}]}";
    }
}
"#,
        &["model-reference gpt-4o-mini 5", "prompt body system prompt 5"],
    );
}

#[test]
fn prompts_by_choice_and_in_pieces() {
    let code = r#"import dev.langchain4j.model.chat.ChatModel

fun stylePrompt(style: Style): String = when (style) {
    Style.SHORT -> "You are an editor. Only give the shortest version of the text that still says all of it."
    Style.LONG -> "You are an editor. Give a long version of the text, and make sure that nothing is left out."
    Style.NONE -> "No style was chosen, so the text is printed as it was written down by whoever wrote it."
}

fun ask(model: ChatModel, notes: String) {
    val prompt = buildString {
        append("Write a summary of these notes in three sentences:\n")
        append(notes)
    }
    val title = buildString { append("Write a summary of these notes in three sentences:\n") }
}
"#;
    assert_eq!(
        seen("src/main/kotlin/app/Styles.kt", code),
        [
            "framework dev.langchain4j:langchain4j 1",
            "prompt prompt 11",
            "prompt stylePrompt template prompt 4",
            "prompt stylePrompt template prompt 5",
        ]
    );
}

#[test]
fn messages_member_by_member() {
    check(
        r#"package app;

class Client {
    void ask(JSONArray messages) {
        JSONObject system = new JSONObject();
        system.put("role", "system");
        system.put("content", "Answer briefly and only about birds.");
        JSONObject user = new JSONObject();
        user.put("role", "user");
        user.put("content", "Tell me something about birds that fly far.");
        messages.put(new JSONObject().put("role", "system").put("content", "Answer briefly and only about cats."));
        messages.put(Map.of("role", "system", "content", "Answer briefly and only about fish."));
        member.put("role", "admin");
        member.put("content", "Answers all questions about the shop.");
    }
}
"#,
        &["prompt ask system prompt 11", "prompt ask system prompt 12", "prompt ask system prompt 7"],
    );
}

#[test]
fn messages_of_own_types_by_their_role() {
    let code = r#"fun start(messages: MutableList<Message>) {
    messages.add(Message.system("You are a farmer who answers in one sentence."))
    chat.add(ChatMessage.system("The player has joined the game on the second map"))
    val area = Area.system("You are a farmer who answers in one sentence, and that is its name.")
}
"#;
    assert_eq!(seen("src/main/kotlin/app/Start.kt", code), ["prompt start system prompt 2"]);
}
