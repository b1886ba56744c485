//! Endpoints, by URL and by name.

use crate::{check, check_names};

#[test]
fn endpoints() {
    check(
        "from openai import OpenAI\nOpenAI(base_url='http://10.0.0.7:8000/v1', api_key='x')",
        &["endpoint http://10.0.0.7:8000/v1 2"],
    );
    check(
        "from openai import OpenAI\nURL = os.getenv('LLM_URL', 'https://openrouter.ai/api/v1')\nOpenAI(base_url=URL)",
        &["endpoint https://openrouter.ai/api/v1 2"],
    );
    check(
        "requests.post('https://api.openai.com/v1/chat/completions', json=body)",
        &["endpoint https://api.openai.com/v1/chat/completions 1"],
    );
    check(
        "httpx.post('https://llm.acme.io/v1/chat', json={'model': m, 'messages': x})",
        &["endpoint https://llm.acme.io/v1/chat 1"],
    );
    check(
        "from langchain_ollama import ChatOllama\nChatOllama(base_url=os.environ['OLLAMA_BASE_URL'])",
        &["endpoint OLLAMA_BASE_URL 2"],
    );
    check(
        "from langchain_community.document_loaders import RecursiveUrlLoader\nRecursiveUrlLoader(url='https://python.langchain.com/docs')",
        &[],
    );
    check("from llama_index.core.llms import ImageBlock\nImageBlock(url='https://picsum.photos/1')", &[]);
    check(
        "requests.get('https://example.com/x')\nDOCS = 'https://platform.openai.com/docs'\nrequests.get(url)",
        &[],
    );
}

#[test]
fn endpoints_by_name() {
    let fraud = "endpoint Fraud: resolves-to name:sagemaker/endpoint/fraud";
    for code in [
        "boto3.client('sagemaker-runtime').invoke_endpoint(EndpointName='Fraud', Body=b)",
        "N = 'Fraud'\nself.runtime.invoke_endpoint_async(EndpointName=N, InputLocation=b)",
        "a = {'EndpointName': 'Fraud', 'Body': b}\nclient.invoke_endpoint(**a)",
        "client.create_endpoint(EndpointName='Fraud', EndpointConfigName=c)",
        "from sagemaker.predictor import Predictor\nPredictor('Fraud')",
        "from sagemaker.huggingface import HuggingFaceModel\nm = HuggingFaceModel(role=r)\nm.deploy(endpoint_name='Fraud')",
        "from langchain_aws import SagemakerEndpoint\nSagemakerEndpoint(endpoint_name='Fraud')",
    ] {
        check_names(&format!("import boto3\n{code}\n"), &[fraud]);
    }
    for code in [
        "client.create_endpoint(EndpointName='Fraud', ModelArn=m)",
        "client.invoke_endpoint(EndpointName=f'{stage}-fraud')",
        "client.invoke_endpoint(EndpointName='<name>')",
        "router.register(endpoint_name='Fraud')",
    ] {
        check_names(&format!("import boto3\n{code}\n"), &[]);
    }
    check_names(
        "import requests\nrequests.post('https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/fraud/invocations', data=b)\n",
        &[
            "endpoint https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/fraud/invocations: resolves-to name:sagemaker/endpoint/fraud",
        ],
    );
    check_names(
        "import sagemaker\nm = sagemaker.Model()\nm.register(model_package_group_name='Churn')\nsm.create_model_package_group(ModelPackageGroupName='churn')\n",
        &["model-reference Churn: instance-of name:sagemaker/model-package-group/churn"],
    );
    check(
        "import boto3, os\nboto3.client('x').invoke_endpoint(EndpointName=os.environ['LIVE'])\n",
        &["endpoint LIVE 2"],
    );
}

#[test]
fn endpoints_in_parts() {
    check(
        "url = f'https://api.openai.com/v1/files/{file}'\nsend(f'https://api.weather.test/{city}')\nsend(f'https://openrouter.ai/api/v1/{path}')",
        &["endpoint https://api.openai.com/v1/files/{} 1", "endpoint https://openrouter.ai/api/v1/{} 3"],
    );
    check(
        "from crawl4ai import AsyncWebCrawler\nasync def f():\n    async with AsyncWebCrawler() as crawler:\n        await crawler.arun(url='https://www.news.test/start')",
        &[],
    );
}

#[test]
fn servers_of_models_by_their_address() {
    check(
        "judge = make_judge('http://localhost:8001/v1', 'Qwen/Qwen3-14B')\nurls = ['http://localhost:8100/query']",
        &["endpoint http://localhost:8001/v1 1", "model-reference Qwen/Qwen3-14B 1"],
    );
    check("users = get('http://localhost:8001/v1')", &[]);
}
