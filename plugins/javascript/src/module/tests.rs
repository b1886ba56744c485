use super::*;
use crate::parse::parse;
use crate::source::Language;
use oxc_allocator::Allocator;

fn with<T>(text: &str, look: impl FnOnce(&Module<'_>) -> T) -> T {
    let allocator = Allocator::default();
    let parsed = parse(&allocator, text, Language::Tsx);
    look(&Module::of(&parsed.program))
}

#[test]
fn when_imports_run() {
    let text = "import a from 'a'\nimport type b from 'b'\nimport { type c, d as e } from 'c'\nimport * as f from 'f'\n\
        import 'g'\nconst h = require('h')\ntry { require('i') } catch {}\nconst j = async () => await import('j')\n\
        export { k } from 'k'\nexport * from 'l'";
    with(text, |module| {
        let seen: Vec<_> = module
            .imports
            .iter()
            .map(|import| (import.module, import.name, import.bound, import.when))
            .collect();
        assert_eq!(
            seen,
            [
                ("a", Some("default"), "a", When::Always),
                ("b", Some("default"), "b", When::Typing),
                ("c", Some("c"), "c", When::Typing),
                ("c", Some("d"), "e", When::Always),
                ("f", None, "f", When::Always),
                ("g", None, "", When::Always),
                ("h", None, "", When::Always),
                ("i", None, "", When::Maybe),
                ("j", None, "", When::Maybe),
                ("k", Some("k"), "", When::Always),
                ("l", None, "", When::Always),
            ]
        );
        assert_eq!(module.stars, [("l", None)]);
    });
}

#[test]
fn exports() {
    let text = "export const a = 1, { b, c: d } = e\nexport function f() {}\nexport class G {}\nexport { a as h }\n\
        export default a\nmodule.exports = { i: 1 }\nexports.j = 2\nexport enum K { L = 'm' }";
    with(text, |module| {
        let names: Vec<_> = module.exports.iter().map(|export| export.name).collect();
        assert_eq!(names, ["a", "b", "d", "f", "G", "h", "default", "default", "i", "j", "K"]);
    });
}

#[test]
fn fields_of_a_class() {
    let text = "class A extends B { model = 'm'; #key; constructor(private c: D, e = 'f') { this.key = e } g() {} h = () => 1 }";
    with(text, |module| {
        let class = &module.classes[0];
        let mut names: Vec<&str> = class.attrs.keys().copied().collect();
        names.sort_unstable();
        assert_eq!(names, ["c", "key", "model"]);
        let mut methods: Vec<&str> = class.methods.keys().copied().collect();
        methods.sort_unstable();
        assert_eq!(methods, ["constructor", "g", "h"]);
        assert!(class.extends.is_some() && class.types.contains_key("c"));
        assert_eq!(module.functions[0].params.len(), 2);
    });
}

#[test]
fn variables_of_the_environment() {
    let text = "process.env.A_KEY; const { B_KEY, C_KEY: c = 'd' } = process.env; import.meta.env.D_KEY; \
        Deno.env.get('E_KEY'); process.env['F_KEY']; env.G_KEY; process.env.lower; x.H_KEY";
    with(text, |module| {
        let names: Vec<_> = module.variables.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["A_KEY", "B_KEY", "C_KEY", "D_KEY", "E_KEY", "F_KEY", "G_KEY"]);
    });
}
