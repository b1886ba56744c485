//! What the scanner and the outline make of code.

use inventar_tokens::language::{CSHARP, GO, GROOVY, JAVA, KOTLIN, Language, RUST, SCALA};
use inventar_tokens::outline::{Declares, Outline};
use inventar_tokens::scan::{Kind, Tokens};
use proptest::prelude::*;

fn words(language: &'static Language, code: &str) -> Vec<String> {
    let tokens = Tokens::of(code, language);
    (0..tokens.len()).map(|at| tokens.text(at).to_owned()).collect()
}

#[test]
fn tokens_of_each_language() {
    for (language, code, expected) in [
        (&GO, "x := `a\n\"b` // c\ny", vec!["x", ":=", "`a\n\"b`", "y"]),
        (
            &JAVA,
            "a = \"\"\"\n b \"c\" \"\"\"; /* x */ 'd'",
            vec!["a", "=", "\"\"\"\n b \"c\" \"\"\"", ";", "'d'"],
        ),
        (&KOTLIN, "/* a /* b */ c */ \"${f(\"}\")} d\" x", vec!["\"${f(\"}\")} d\"", "x"]),
        (&SCALA, "s\"${x}\" 'sym y", vec!["s\"${x}\"", "'sym", "y"]),
        (&GROOVY, "'a' \"b\" '''c\nd''' e", vec!["'a'", "\"b\"", "'''c\nd'''", "e"]),
        (
            &CSHARP,
            "@\"a\\\" $\"{b(\"c\")}d\" \"\"\"\"e\"\"\"f\"\"\"\" g",
            vec!["@\"a\\\"", "$\"{b(\"c\")}d\"", "\"\"\"\"e\"\"\"f\"\"\"\"", "g"],
        ),
        (&CSHARP, "#region \"x\na", vec!["a"]),
        (
            &RUST,
            "r#\"a\"b\"# 'c' 'life b'\\n' r#type x",
            vec!["r#\"a\"b\"#", "'c'", "'life", "b", "'\\n'", "r#type", "x"],
        ),
        (&GO, "\"open\nx", vec!["\"open", "x"]),
    ] {
        assert_eq!(words(language, code), expected, "{code}");
    }
}

#[test]
fn brackets_have_partners() {
    let tokens = Tokens::of("f(a[1], {b})", &GO);
    assert_eq!((tokens.mate(1), tokens.mate(tokens.mate(1))), (tokens.len() - 1, 1));
    // One that is never closed reaches to the end, one that was never opened is its own.
    let tokens = Tokens::of("(a] b", &GO);
    assert_eq!(tokens.mate(0), tokens.len() - 1);
    assert_eq!(tokens.mate(2), 2);
}

fn declarations(language: &'static Language, code: &str) -> Vec<String> {
    let outline = Outline::of(code, language);
    let name = |at: u32| outline.tokens.text(at).to_owned();
    outline
        .declarations
        .iter()
        .map(|found| {
            let kind = match found.declares {
                Declares::Function => "function",
                Declares::Type => "type",
                Declares::Enumeration => "enumeration",
                Declares::Tests => "tests",
            };
            let within =
                found.within.map(|id| format!(" in {}", name(outline.declarations[id as usize].name)));
            format!("{kind} {}{}", name(found.name), within.unwrap_or_default())
        })
        .collect()
}

#[test]
fn declarations_of_each_language() {
    for (language, code, expected) in [
        (
            &GO,
            "type A struct { b *c.D }\nfunc (a *A) F(x int) (string, error) { return f(1) }",
            vec!["type A", "function F"],
        ),
        (&GO, "func G[T any](x T) {}\nvar f = func(y int) {}", vec!["function G"]),
        (
            &JAVA,
            "public class A<T> extends B { @C(\"x\") public List<String> f(int a) throws E { g(a); return h(); } A() {} enum D { E(1), F; int g() { return 1; } } }",
            vec!["type A", "function f in A", "function A in A", "enumeration D in A", "function g in D"],
        ),
        (
            &JAVA,
            "record P(String a) { } class Q { Object o = new R() { void s() { } }; }",
            vec!["type P", "type Q", "function s in Q"],
        ),
        (
            &KOTLIN,
            "data class A(val b: String = \"x\") : B()\nobject C { fun d(e: Int): String = \"f\" }\nfun String.g() { h { i() } }",
            vec!["type A", "type C", "function d in C", "function g"],
        ),
        (
            &CSHARP,
            "namespace A.B;\n[C] public record D(string E) { public async Task<int> F(int g = 1) => await H(g); string I { get; set; } = \"j\"; }",
            vec!["type D", "function F in D"],
        ),
        (
            &RUST,
            "impl<T: A> B for C<T> where T: D { fn e<'a>(&'a self) -> F { G { h: 1 } } }\n#[cfg(test)] mod tests { fn x() {} }",
            vec!["type C", "function e in C", "tests tests", "function x in tests"],
        ),
    ] {
        assert_eq!(declarations(language, code), expected, "{code}");
    }
}

fn calls(language: &'static Language, code: &str) -> Vec<String> {
    let outline = Outline::of(code, language);
    let of = |id: u32| outline.name(&outline.calls[id as usize]).to_owned();
    outline
        .calls
        .iter()
        .map(|call| {
            let path = outline.path(call).join(".");
            let on = call.receiver.map(|on| format!(" on {}", of(on))).unwrap_or_default();
            let inside = call.inside.map(|inside| format!(" in {}", of(inside))).unwrap_or_default();
            format!("{:?} {path}{on}{inside}", call.form)
        })
        .collect()
}

#[test]
fn calls_of_each_language() {
    for (language, code, expected) in [
        (
            &GO,
            "x := a.B(&c.D{E: f()}, []string{\"g\"})\nif y { h() }",
            vec!["Call a.B", "Literal c.D in B", "Call f in D", "List string in B", "Call h"],
        ),
        (
            &JAVA,
            "class A { B c = B.builder().d(\"e\").f(g()).build(); H i = new H<>(1); }",
            vec![
                "Call B.builder",
                "Call d on builder",
                "Call f on d",
                "Call g in f",
                "Call build on f",
                "New H",
            ],
        ),
        (
            &KOTLIN,
            "val a = b(c = 1) { d(\"e\") }\nf { g() }",
            vec!["Call b", "Call d in b", "Block f", "Call g in f"],
        ),
        (
            &CSHARP,
            "var a = new B(1) { C = new() { D = e() }, F = [g(), 2] };",
            vec!["New B", "New new in B", "Call e in new", "Call g in B"],
        ),
        (
            &RUST,
            "let a = b::C::new(d).e::<F>(\"g\")?.h().await; json!({\"i\": J { k: 1 }}); #[l(m = \"n\")] struct O;",
            vec!["Call b.C.new", "Call e on new", "Call h on e", "Macro json", "Literal J in json", "Mark l"],
        ),
        (&JAVA, "enum A { B(\"c\"), D(\"e\"); }", vec!["Constant B", "Constant D"]),
        (&CSHARP, "[A(\"b\"), C] void D() { x[0] = [E()]; }", vec!["Mark A", "Mark C", "Call E"]),
    ] {
        assert_eq!(calls(language, code), expected, "{code}");
    }
}

fn slots(language: &'static Language, code: &str) -> Vec<String> {
    let outline = Outline::of(code, language);
    let text = |at: u32| outline.tokens.text(at);
    outline
        .slots
        .iter()
        .map(|slot| {
            let value: Vec<&str> = (slot.value.0..slot.value.1).map(text).collect();
            format!("{:?} {} {}", slot.kind, text(slot.name), value.join(""))
        })
        .collect()
}

#[test]
fn named_values_of_each_language() {
    for (language, code, expected) in [
        (
            &GO,
            "const (\n\tA = \"b\"\n\tC D = \"e\"\n)\nvar f, g = 1, 2\nh, err := i()\nj.K = \"l\"\nx := M{N: \"o\", \"p\": q}",
            vec![
                "Value A \"b\"",
                "Value C \"e\"",
                "Value f 1",
                "Value h i()",
                "Value K \"l\"",
                "Value x M{N:\"o\",\"p\":q}",
                "Field N \"o\"",
                "Key \"p\" q",
            ],
        ),
        (
            &JAVA,
            "class A { private final String b = \"c\"; @D(e = \"f\") void g() { h = i ? j : k; } }",
            vec!["Value b \"c\"", "Argument e \"f\"", "Value h i?j:k"],
        ),
        (
            &KOTLIN,
            "class A(val b: String = \"c\")\nval d = e(f = \"g\", h)\nval i = mapOf(\"j\" to \"k\")\nval l =\n    m\n        .n()",
            vec![
                "Default b \"c\"",
                "Value d e(f=\"g\",h)",
                "Argument f \"g\"",
                "Value i mapOf(\"j\"to\"k\")",
                "Key \"j\" \"k\"",
                "Value l m.n()",
            ],
        ),
        (
            &CSHARP,
            "class A { public string B { get; set; } = \"c\"; const string D = \"e\"; string F => \"g\"; void H(int i = 1) { j(k: \"l\"); var m = new N { O = \"p\", [\"q\"] = r }; } }",
            vec![
                "Value B \"c\"",
                "Value D \"e\"",
                "Value F \"g\"",
                "Default i 1",
                "Argument k \"l\"",
                "Value m newN{O=\"p\",[\"q\"]=r}",
                "Field O \"p\"",
                "Key \"q\" r",
            ],
        ),
        (
            &RUST,
            "const A: &str = \"b\";\nfn c() { let mut d: E = F { g: \"h\" }; i[\"j\"] = k; json!({\"l\": m}); }",
            vec!["Value A \"b\"", "Value d F{g:\"h\"}", "Field g \"h\"", "Key \"j\" k", "Key \"l\" m"],
        ),
    ] {
        assert_eq!(slots(language, code), expected, "{code}");
    }
}

#[test]
fn names_mean_the_innermost_before() {
    let code = "const a = \"1\"\nfunc f() {\n\ta := \"2\"\n\tg(a)\n}\nfunc h() {\n\tg(a)\n}\n";
    let outline = Outline::of(code, &GO);
    let value = |place: usize| {
        let at = (0..outline.tokens.len()).filter(|at| outline.tokens.is(*at, "a")).nth(place).expect("an a");
        let binding = outline.binding("a", at).and_then(|binding| binding.value).expect("a value");
        outline.tokens.text(binding.0)
    };
    assert_eq!((value(2), value(3)), ("\"2\"", "\"1\""));
}

proptest! {
    #[test]
    fn any_text_has_tokens_in_order(text in "[ -~\n\u{e9}\"'`{}()$@#/*]{0,200}") {
        for language in [&GO, &JAVA, &KOTLIN, &SCALA, &GROOVY, &CSHARP, &RUST] {
            let tokens = Tokens::of(&text, language);
            let mut end = 0;
            for at in 0..tokens.len() {
                let token = *tokens.get(at).expect("a token");
                prop_assert!(token.start >= end && token.end > token.start, "{token:?} of {text:?}");
                prop_assert!(tokens.mate(tokens.mate(at)) == at || tokens.kind(at) == Kind::Open);
                end = token.end;
            }
            let outline = Outline::of(&text, language);
            prop_assert!(outline.calls.iter().all(|call| call.start <= call.close));
        }
    }
}
