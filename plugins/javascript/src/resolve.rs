//! Where an import leads: beside the file, from the roots that an alias such as `@/` usually means, in the packages of a
//! workspace. What a configuration would say is not asked: the host tries the paths, best first.

use crate::imports::library;

/// Whether a module may be of this project: relative, through an alias, or a package of the workspace.
pub(crate) fn may_be_own(module: &str) -> bool {
    if module.starts_with('.') || alias(module).is_some() {
        return true;
    }
    module.starts_with('@') && module.contains('/') && library(module).is_none() && !is_known_scope(module)
}

fn is_known_scope(module: &str) -> bool {
    const SCOPES: &[&str] = &[
        "@types/",
        "@radix-ui/",
        "@tanstack/",
        "@babel/",
        "@mui/",
        "@emotion/",
        "@aws-sdk/",
        "@azure/",
        "@google-cloud/",
        "@nestjs/",
        "@angular/",
        "@vue/",
        "@nuxt/",
        "@sveltejs/",
        "@testing-library/",
        "@playwright/",
        "@storybook/",
        "@prisma/",
        "@trpc/",
        "@hookform/",
        "@supabase/",
        "@vercel/",
        "@octokit/",
        "@sentry/",
        "@opentelemetry/",
        "@headlessui/",
        "@heroicons/",
        "@tabler/",
        "@fortawesome/",
        "@codemirror/",
        "@lezer/",
        "@tiptap/",
        "@dnd-kit/",
        "@clerk/",
        "@auth/",
        "@next/",
        "@remix-run/",
        "@hono/",
        "@fastify/",
        "@apollo/",
        "@graphql-tools/",
        "@reduxjs/",
        "@ant-design/",
        "@chakra-ui/",
        "@mantine/",
        "@nextui-org/",
        "@heroui/",
        "@react-native/",
        "@expo/",
        "@tauri-apps/",
        "@electron/",
        "@vitejs/",
        "@rollup/",
        "@swc/",
        "@biomejs/",
        "@typescript-eslint/",
        "@eslint/",
        "@jest/",
        "@vitest/",
        "@faker-js/",
        "@slack/",
        "@stripe/",
        "@paypal/",
        "@upstash/",
        "@neondatabase/",
        "@libsql/",
        "@elastic/",
        "@grpc/",
        "@bufbuild/",
        "@noble/",
        "@solana/",
        "@ethersproject/",
        "@walletconnect/",
        "@lit/",
        "@microsoft/",
        "@fluentui/",
        "@t3-oss/",
        "@sindresorhus/",
        "@xyflow/",
        "@visx/",
        "@nivo/",
        "@monaco-editor/",
        "@lobehub/ui",
        "@lobehub/icons",
    ];
    SCOPES.iter().any(|scope| module.starts_with(scope))
}

/// What stands behind an alias for a root of the project.
fn alias(module: &str) -> Option<&str> {
    ["@/", "~/", "~~/", "#/", "$/", "@@/", "src/", "@src/", "#src/", "/src/"]
        .iter()
        .find_map(|front| module.strip_prefix(front))
        .or_else(|| module.strip_prefix("$lib/").map(|_| &module[1..]))
        .or_else(|| module.starts_with("@lib/").then(|| &module[1..]))
        .or_else(|| module.starts_with("#lib/").then(|| &module[1..]))
}

/// The files that a module may be, best first.
pub(crate) fn module_paths(path: &str, module: &str) -> Vec<String> {
    let mut paths = Vec::new();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    if module.starts_with('.') {
        if let Some(whole) = join(folder, module) {
            files(&whole, &mut paths);
        }
    } else if let Some(rest) = alias(module) {
        for root in roots(path) {
            files(&join(&root, rest).unwrap_or_default(), &mut paths);
            paths.truncate(10);
        }
        files(&format!("**/{rest}"), &mut paths);
    } else if may_be_own(module) {
        // A package of the workspace: `@acme/ai/models`.
        let mut parts = module.splitn(3, '/').skip(1);
        let (name, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or("index"));
        for folder in ["packages/", "**/packages/", "**/"] {
            for source in ["src/", ""] {
                for end in ["ts", "tsx"] {
                    if folder != "**/" || source == "src/" {
                        paths.push(format!("{folder}{name}/{source}{rest}.{end}"));
                    }
                }
            }
        }
        paths.push(format!("packages/{name}/src/{rest}/index.ts"));
    }
    paths.truncate(16);
    paths
}

/// The files that a path without its ending may be.
fn files(whole: &str, paths: &mut Vec<String>) {
    if whole.is_empty() {
        paths.extend(["index.ts", "index.js"].map(str::to_owned));
        return;
    }
    let (stem, end) = match whole.rsplit_once('.') {
        Some((stem, end @ ("js" | "mjs" | "cjs" | "jsx"))) => (stem, Some(end)),
        Some((_, "ts" | "tsx" | "mts" | "cts" | "vue" | "svelte")) => {
            paths.push(whole.to_owned());
            return;
        }
        _ => (whole, None),
    };
    match end {
        // TypeScript is imported by the name it will have.
        Some("mjs") => paths.extend([format!("{stem}.mts"), whole.to_owned()]),
        Some("cjs") => paths.extend([format!("{stem}.cts"), whole.to_owned()]),
        Some(_) => paths.extend([format!("{stem}.ts"), format!("{stem}.tsx"), whole.to_owned()]),
        None => paths.extend(
            [".ts", "/index.ts", ".tsx", ".js", "/index.js", "/index.tsx"].map(|end| format!("{stem}{end}")),
        ),
    }
}

/// The folders that an alias for the root may mean, best first: before a folder that roots have, and its `src`.
fn roots(path: &str) -> Vec<String> {
    const TOPS: &[&str] = &[
        "app",
        "pages",
        "components",
        "lib",
        "server",
        "hooks",
        "actions",
        "artifacts",
        "features",
        "routes",
        "utils",
        "api",
        "modules",
        "ai",
        "services",
        "agents",
        "tools",
    ];
    let folders: Vec<&str> = path.split('/').collect();
    let folders = &folders[..folders.len() - 1];
    let mut roots: Vec<String> = Vec::new();
    if let Some(at) = folders.iter().rposition(|folder| *folder == "src") {
        roots.push(folders[..=at].join("/"));
    }
    if let Some(at) = folders.iter().position(|folder| TOPS.contains(folder)) {
        let root = folders[..at].join("/");
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    if roots.is_empty() {
        roots.push(folders.join("/"));
    }
    roots.truncate(2);
    roots
}

/// A relative path from a folder; none above the root.
fn join(folder: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_modules_are() {
        for (path, module, first) in [
            ("app/chat/route.ts", "./tools", &["app/chat/tools.ts", "app/chat/tools/index.ts"][..]),
            ("app/chat/route.ts", "../lib/x.js", &["app/lib/x.ts", "app/lib/x.tsx", "app/lib/x.js"]),
            ("app/(chat)/api/route.ts", "@/lib/ai/models", &["lib/ai/models.ts", "lib/ai/models/index.ts"]),
            ("apps/web/src/app/a.ts", "@/lib/b", &["apps/web/src/lib/b.ts"]),
            ("src/routes/+page.server.ts", "$lib/ai", &["src/lib/ai.ts"]),
            ("apps/web/a.ts", "@acme/ai", &["packages/ai/src/index.ts"]),
            ("a.ts", "..", &[]),
            ("a.ts", "openai", &[]),
            ("a.ts", "@ai-sdk/openai", &[]),
        ] {
            let paths = module_paths(path, module);
            assert_eq!(&paths[..first.len()], first, "{module} from {path}");
            assert!(paths.len() <= 16);
            assert_eq!(first.is_empty(), paths.is_empty(), "{module}");
        }
    }
}
