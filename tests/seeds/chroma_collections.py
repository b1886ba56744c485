#!/usr/bin/env python3
"""Fills an empty Chroma server over its REST API and prints what must be found there, as JSON.

    chroma_collections.py URL [--n 6]

Needs nothing but Python. Two databases; collection i has i records of dimension 3 + i % 2, the first one none.
"""

import argparse
import json
import urllib.request


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def seed(url, n):
    tenant = f"{url.rstrip('/')}/api/v2/tenants/default_tenant/databases"
    post(tenant, {"name": "support"})
    functions = [
        {"type": "known", "name": "openai", "config": {"model_name": "text-embedding-3-small", "api_key_env_var": "OPENAI_API_KEY"}},
        {"type": "known", "name": "sentence_transformer", "config": {"model_name": "all-MiniLM-L6-v2"}},
        {"type": "legacy"},
    ]
    key = []
    for i in range(n):
        database = "support" if i % 3 == 2 else "default_database"
        name, dimension = f"collection-{i:02}", 3 + i % 2
        body = {"name": name, "metadata": {"team": "search"}, "configuration": {"embedding_function": functions[i % 3]}}
        created = post(f"{tenant}/{database}/collections", body)
        if i:
            records = {
                "ids": [str(r) for r in range(i)],
                "embeddings": [[float(r + d) for d in range(dimension)] for r in range(i)],
            }
            post(f"{tenant}/{database}/collections/{created['id']}/add", records)
        key.append(
            {
                "database": database,
                "name": name,
                "count": i,
                "dimension": dimension if i else None,
                "model": (functions[i % 3].get("config") or {}).get("model_name"),
            }
        )
    return {"collections": key}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("--n", type=int, default=6)
    given = arguments.parse_args()
    print(json.dumps(seed(given.url, given.n), indent=1))


main()
