#!/usr/bin/env python3
"""Fills an empty AWS emulator (moto) with a small account and prints what must be found there, as JSON.

    aws_account.py URL [--region eu-west-1] [--n 3]

Needs boto3. Model i is trained, registered and served by endpoint i with two variants; `thumbnailer` and `acme-web` are no AI.
Where the emulator lacks a call, the call is listed under "skipped".
"""

import argparse
import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class Account:
    def __init__(self, url, region):
        self.url, self.region = url, region
        self.key = {"region": region, "account": ACCOUNT, "assets": [], "edges": [], "decoys": [], "skipped": []}

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=self.region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"max_attempts": 2}, s3={"addressing_style": "path"}),
        )

    def found(self, arn, kind):
        self.key["assets"].append({"arn": arn, "kind": kind})
        return arn

    def edge(self, source, kind, target, **properties):
        self.key["edges"].append({"source": source, "kind": kind, "target": target, **properties})

    def attempt(self, what, call):
        try:
            return call()
        except ClientError as error:
            self.key["skipped"].append(f"{what}: {error.response['Error'].get('Code')}")
            return None


def seed(account, n):
    s3, iam, sagemaker = account.client("s3"), account.client("iam"), account.client("sagemaker")
    place = {"LocationConstraint": account.region}
    for bucket in ["acme-models", "acme-data", "acme-web"]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    account.key["decoys"].append("arn:aws:s3:::acme-web")
    role = iam.create_role(RoleName="serving", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    image = f"{ACCOUNT}.dkr.ecr.{account.region}.amazonaws.com/serving:1"
    for i in range(n):
        model_seed(account, sagemaker, i, role, image)
    agents(account, role)
    decoys(account, role)
    return account.key


def model_seed(account, sagemaker, i, role, image):
    name = f"model-{i:03}"
    artifact = f"s3://acme-models/{name}/1"
    training = sagemaker.create_training_job(
        TrainingJobName=f"{name}-train",
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        RoleArn=role,
        InputDataConfig=[
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://acme-data/{name}"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": f"s3://acme-models/{name}"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )["TrainingJobArn"]
    account.found(training, "training-run")
    arns = []
    for part in ["a", "b"]:
        model = sagemaker.create_model(
            ModelName=f"{name}-{part}",
            PrimaryContainer={"Image": image, "ModelDataUrl": artifact},
            ExecutionRoleArn=role,
        )["ModelArn"]
        arns.append(account.found(model, "model-version"))
        account.edge(model, "has-artifact", artifact)
        account.edge(model, "runs-as", role)
    weights = [9.0, 1.0]
    variants = [
        {
            "VariantName": part,
            "ModelName": f"{name}-{part}",
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": weight,
        }
        for part, weight in zip(["a", "b"], weights)
    ]
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-config", ProductionVariants=variants)
    endpoint = sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=f"{name}-config")["EndpointArn"]
    account.found(endpoint, "endpoint")
    for arn, weight in zip(arns, weights):
        account.edge(endpoint, "serves", arn, weight=weight)
    group = sagemaker.create_model_package_group(ModelPackageGroupName=f"{name}-group")["ModelPackageGroupArn"]
    account.found(group, "model-family")


def agents(account, role):
    bedrock = account.client("bedrock-agent")
    created = account.attempt(
        "CreateAgent",
        lambda: bedrock.create_agent(
            agentName="support",
            foundationModel="anthropic.claude-3-5-sonnet-20240620-v1:0",
            agentResourceRoleArn=role,
            instruction="Answer questions about orders, and nothing else.",
        ),
    )
    if created:
        arn = account.found(created["agent"]["agentArn"], "agent")
        account.edge(arn, "uses", "anthropic/claude-3.5-sonnet-20240620")
    sagemaker = account.client("sagemaker")
    notebook = sagemaker.create_notebook_instance(
        NotebookInstanceName="research", InstanceType="ml.t3.medium", RoleArn=role
    )
    account.found(notebook["NotebookInstanceArn"], "notebook")


def decoys(account, role):
    function = account.attempt(
        "CreateFunction",
        lambda: account.client("lambda").create_function(
            FunctionName="thumbnailer",
            Runtime="python3.12",
            Role=role,
            Handler="app.handler",
            Code={"S3Bucket": "acme-web", "S3Key": "thumbnailer.zip"},
            Environment={"Variables": {"SIZE": "200"}},
        ),
    )
    if function:
        account.key["decoys"].append(function["FunctionArn"])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("--region", default="eu-west-1")
    arguments.add_argument("--n", type=int, default=3)
    given = arguments.parse_args()
    print(json.dumps(seed(Account(given.url, given.region), given.n), indent=1))


main()
