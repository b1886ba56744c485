#!/usr/bin/env python3
"""Makes users of an AWS emulator (moto), prints their keys as JSON, and has policies enforced from then on.

    aws_users.py URL POLICY.json [ACTION ...]

Needs boto3. The user `all` has the policy; the user ACTION has it without that action.
"""

import argparse
import json
import urllib.request

import boto3


def without(policy, action):
    kept = []
    for statement in policy["Statement"]:
        actions = [known for known in statement["Action"] if known != action]
        if actions:
            kept.append({**statement, "Action": actions})
    if kept == policy["Statement"]:
        raise SystemExit(f"the policy does not have {action}")
    return {**policy, "Statement": kept}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("policy")
    parser.add_argument("actions", nargs="*")
    given = parser.parse_args()
    with open(given.policy, encoding="utf-8") as file:
        policy = json.load(file)
    key = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    iam = boto3.client("iam", endpoint_url=given.url, **key)
    keys = {}
    for user, document in [("all", policy)] + [(action, without(policy, action)) for action in given.actions]:
        name = user.replace(":", ".")
        iam.create_user(UserName=name)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        iam.put_user_policy(UserName=name, PolicyName="inventar", PolicyDocument=json.dumps(document))
        keys[user] = {"id": made["AccessKeyId"], "secret": made["SecretAccessKey"]}
    # So many more calls are free.
    free = urllib.request.Request(f"{given.url}/moto-api/reset-auth", b"0", {"content-type": "text/plain"})
    urllib.request.urlopen(free, timeout=30).close()
    print(json.dumps(keys))


if __name__ == "__main__":
    main()
