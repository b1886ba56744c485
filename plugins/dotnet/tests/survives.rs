//! Any text is survived, keys stay unique, places stay inside the file.

use inventar_plugin_dotnet::Dotnet;
use inventar_trial::code::{self, Sample};

const SAMPLES: &[Sample] = &[
    (
        "A.cs",
        r####"using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.Agents;
var builder = Kernel.CreateBuilder();
builder.AddOpenAIChatCompletion("gpt-4o", Environment.GetEnvironmentVariable("OPENAI_API_KEY")!);
ChatCompletionAgent agent = new() { Name = "Writer", Instructions = $"""You are a writer. {{x}} {Style}""", Kernel = kernel };
public class Plugin {
    [KernelFunction("get_time"), Description(@"a ""b""")]
    public string GetTime(string zone) => "now";
}
"####,
    ),
    (
        "A.fs",
        r####"open Microsoft.SemanticKernel
let builder = Kernel.CreateBuilder()
builder.AddOpenAIChatCompletion("gpt-4o", "key") |> ignore
(* a comment *)
"####,
    ),
    (
        "A.vb",
        r####"Imports Microsoft.SemanticKernel
Dim model = "gpt-4o" ' a comment
"####,
    ),
];

/// Pieces of code around AI.
const PIECES: &[&str] = &[
    "using Microsoft.SemanticKernel;\n",
    "[KernelFunction]",
    "new ChatCompletionAgent {",
    "kernel.",
    "public string f() ",
    "$\"\"\"",
];

#[test]
fn cut_anywhere() {
    code::cut_anywhere::<Dotnet>(SAMPLES);
}

#[test]
fn hostile_files() {
    code::hostile_files::<Dotnet>(SAMPLES);
}

#[test]
fn bytes_that_are_no_text() {
    code::bytes_that_are_no_text::<Dotnet>(SAMPLES);
}

#[test]
fn any_pieces() {
    code::any_pieces::<Dotnet>(SAMPLES, PIECES);
}
