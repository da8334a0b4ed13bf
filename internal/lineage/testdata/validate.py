"""Holds events of OpenLineage, one a line on standard input, against the published schema: validate.py FOLDER.

FOLDER is spec/ of a checkout of OpenLineage. Every facet is held against its own schema as well. Needs jsonschema 4.18.
"""
import json
import pathlib
import sys
import urllib.parse

import jsonschema
import referencing

folder = pathlib.Path(sys.argv[1])
schemas = [json.loads(file.read_text()) for file in [folder / "OpenLineage.json", *sorted(folder.glob("facets/*.json"))]]
registry = referencing.Registry().with_resources((s["$id"], referencing.Resource.from_contents(s)) for s in schemas)
by_file = {urllib.parse.urlparse(s["$id"]).path.rsplit("/", 1)[-1]: s["$id"] for s in schemas}


def check(value, schema_url):
    """Facets are published by version: the checkout has the newest, to which older ones must still conform."""
    path, pointer = schema_url.split("#")
    schema = {"$ref": by_file[path.rsplit("/", 1)[-1]] + "#" + pointer}
    jsonschema.Draft202012Validator(
        schema, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(value)


events = facets = 0
for line in sys.stdin:
    event = json.loads(line)
    check(event, event["schemaURL"])
    events += 1
    parts = [event["run"].get("facets", {}), event["job"].get("facets", {})]
    for dataset in event["inputs"] + event["outputs"]:
        parts += [dataset.get(kind, {}) for kind in ("facets", "inputFacets", "outputFacets")]
    for facet in (facet for part in parts for facet in part.values()):
        check(facet, facet["_schemaURL"])
        facets += 1
print(f"{events} events and {facets} facets conform to {by_file['OpenLineage.json']}")
