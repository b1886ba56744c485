#!/usr/bin/env python3
"""Fills an empty MLflow server over its REST API and prints what must be found there, as JSON.

    mlflow_registry.py URL [--n 8] [--user NAME:PASSWORD]

Needs nothing but Python. Model i has 1 + i % 3 versions, each from a run of its own with parameters, metrics and a dataset.
"""

import argparse
import base64
import json
import urllib.request


class Server:
    def __init__(self, url, user):
        self.url, self.headers = url.rstrip("/"), {"content-type": "application/json"}
        if user:
            self.headers["authorization"] = "Basic " + base64.b64encode(user.encode()).decode()

    def post(self, path, **body):
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, self.headers, method="POST")
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


def tags(**pairs):
    return [{"key": key, "value": value} for key, value in pairs.items()]


def run(server, experiment, name, model, n):
    """A finished run that trained on a dataset; its id."""
    created = server.post(
        "/api/2.0/mlflow/runs/create",
        experiment_id=experiment,
        run_name=name,
        start_time=1_700_000_000_000,
        tags=tags(**{"mlflow.source.name": "train.py", "mlflow.source.git.commit": "c0ffee%034d" % n}),
    )
    run_id = created["run"]["info"]["run_id"]
    server.post(
        "/api/2.0/mlflow/runs/log-batch",
        run_id=run_id,
        params=[{"key": "learning_rate", "value": "0.01"}, {"key": "depth", "value": str(n % 9)}],
        metrics=[
            {"key": "auc", "value": 0.5 + (n % 40) / 100, "timestamp": 1_700_000_000_000, "step": step}
            for step in range(2)
        ],
    )
    server.post(
        "/api/2.0/mlflow/runs/log-inputs",
        run_id=run_id,
        datasets=[
            {
                "dataset": {
                    "name": f"{model}-train",
                    "digest": f"d{n:06}",
                    "source_type": "s3",
                    "source": json.dumps({"uri": f"s3://acme-data/{model}/train-{n}.parquet"}),
                    "profile": json.dumps({"num_rows": 1000 + n}),
                },
                "tags": tags(**{"mlflow.data.context": "training"}),
            }
        ],
    )
    server.post("/api/2.0/mlflow/runs/update", run_id=run_id, status="FINISHED", end_time=1_700_000_060_000)
    return run_id


def seed(server, n_models):
    key = {"experiments": [], "models": [], "versions": [], "aliases": [], "runs": [], "datasets": [], "prompts": []}
    key["logged_models"] = []
    experiment, n = None, 0
    for i in range(n_models):
        model = f"model-{i:03}"
        if i % 10 == 0:
            name = f"experiment-{i // 10:02}"
            experiment = server.post("/api/2.0/mlflow/experiments/create", name=name)["experiment_id"]
            key["experiments"].append(name)
        server.post(
            "/api/2.0/mlflow/registered-models/create",
            name=model,
            description=f"Predicts {i}",
            tags=tags(team="risk" if i % 2 else "search"),
        )
        key["models"].append(model)
        for version in range(1, 2 + i % 3):
            n += 1
            run_id = run(server, experiment, f"{model}-run-{version}", model, n)
            server.post(
                "/api/2.0/mlflow/model-versions/create",
                name=model,
                source=f"s3://acme-models/{model}/{version}",
                run_id=run_id,
                tags=tags(stage="tested"),
            )
            key["runs"].append(run_id)
            key["datasets"].append(f"{model}-train@d{n:06}")
            key["versions"].append(f"{model}/{version}")
            if version == 1:
                logged = server.post(
                    "/api/2.0/mlflow/logged-models",
                    experiment_id=experiment,
                    name=f"logged-{i:03}",
                    model_type="sklearn",
                    source_run_id=run_id,
                )
                key["logged_models"].append(logged["model"]["info"]["model_id"])
        latest = 1 + i % 3
        for alias, version in [("champion", latest)] + ([("shadow", 1)] if i % 2 else []):
            server.post("/api/2.0/mlflow/registered-models/alias", name=model, alias=alias, version=str(version))
            key["aliases"].append(f"{model}@{alias}={version}")
    is_prompt = {"mlflow.prompt.is_prompt": "true"}
    server.post("/api/2.0/mlflow/registered-models/create", name="greeting", tags=tags(**is_prompt))
    for text in ["Greet {{name}}.", "Greet {{name}} politely."]:
        server.post(
            "/api/2.0/mlflow/model-versions/create",
            name="greeting",
            source="dummy-source",
            tags=tags(**is_prompt, **{"mlflow.prompt.text": text, "_mlflow_prompt_type": "text"}),
        )
    server.post("/api/2.0/mlflow/registered-models/alias", name="greeting", alias="live", version="2")
    key["prompts"] = ["greeting"]
    key["aliases"].append("greeting@live=2")
    return key


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("--n", type=int, default=8)
    arguments.add_argument("--user")
    given = arguments.parse_args()
    print(json.dumps(seed(Server(given.url, given.user), given.n), indent=1))


main()
