"""The catalogue over HTTP."""

import pytest

pytestmark = pytest.mark.anyio

SHIRT = {
    "texts": {"en": {"title": "Shirt", "description": "<p>Soft</p><script>x</script>"}, "sl": {"title": "Srajca"}},
    "status": "active",
    "brand": "Northfold",
    "category": "shirts",
    "option_axes": ["Size", "Colour"],
    "media": [{"url": "/m/shirt.jpg", "alt": {"en": "Front"}}],
    "variants": [
        {
            "sku": "SH-S",
            "option_values": ["S", "blue"],
            "gtins": ["4006381333931"],
            "weight_grams": 200,
            "media": [{"url": "/m/s.jpg"}, {"url": "/m/s.glb", "kind": "model_3d"}],
        },
        {"sku": "SH-M", "option_values": ["M", "blue"]},
    ],
}


async def category(client, code, **body):
    response = await client.put(f"/api/categories/{code}", json=body)
    assert response.status_code == 200, response.text


async def shirt(client, **changes):
    await category(client, "clothing", names={"en": "Clothing"})
    await category(client, "shirts", parent="clothing", names={"en": "Shirts", "sl": "Srajce"})
    response = await client.put("/api/products/shirt", json={**SHIRT, **changes})
    assert response.status_code == 200, response.text
    return response


def fields(response):
    assert response.headers["content-type"].startswith("application/problem+json")
    return [error["field"] for error in response.json()["errors"]]


async def test_a_product_is_created_with_its_variants_in_one_call(client):
    created = (await shirt(client)).json()
    assert created["texts"]["en"]["description"] == "<p>Soft</p>"
    assert [v["sku"] for v in created["variants"]] == ["SH-S", "SH-M"]
    got = await client.get("/api/products/shirt")
    assert got.json() == created
    assert got.headers["etag"] == f'"{created["version"]}"'
    variant = (await client.get("/api/variants/SH-S")).json()
    assert [m["kind"] for m in variant["media"]] == ["image", "model_3d"]
    assert variant["gtins"] == ["4006381333931"]


async def test_a_variant_is_found_by_its_barcode_however_it_is_padded(client):
    await shirt(client)
    for gtin in ("4006381333931", "04006381333931"):
        found = (await client.get("/api/variants", params={"gtin": gtin})).json()["items"]
        assert [v["sku"] for v in found] == ["SH-S"]
    assert (await client.get("/api/variants", params={"gtin": "73513537"})).json()["items"] == []
    assert fields(await client.get("/api/variants", params={"gtin": "4006381333932"})) == ["gtin"]
    assert (await client.get("/api/variants", params={"sku": "none"})).status_code == 404


async def test_a_variant_that_is_left_out_is_archived_never_deleted(client):
    await shirt(client)
    replaced = await client.put("/api/products/shirt", json={**SHIRT, "variants": SHIRT["variants"][1:]})
    assert [(v["sku"], v["status"]) for v in sorted(replaced.json()["variants"], key=lambda v: v["sku"])] == [
        ("SH-M", "active"),
        ("SH-S", "archived"),
    ]


async def test_each_bad_field_is_named(client):
    await category(client, "shirts")
    bad = {
        **SHIRT,
        "category": "shoes",
        "texts": {"english please": {"title": "x"}},
        "media": [{"url": "javascript:x"}],
        "variants": [{"sku": "A", "option_values": ["S", "blue"], "gtins": ["123"], "weight_grams": -1}, {"sku": "A"}],
    }
    response = await client.put("/api/products/bad", json=bad)
    assert response.status_code == 422
    assert fields(response) == [
        "texts.english please",
        "media[0].url",
        "variants[0].gtins[0]",
        "variants[0].weight_grams",
        "variants[1].sku",
    ]
    response = await client.put("/api/products/bad", json={**SHIRT, "variants": [{"sku": "A", "option_values": ["S"]}]})
    assert fields(response) == ["variants[0].option_values"]
    assert fields(await client.put("/api/products/bad", json={**SHIRT, "category": "shoes"})) == ["category"]
    assert fields(await client.put("/api/products/bad", json={**SHIRT, "family": "none"})) == ["family"]
    assert fields(await client.put("/api/products/Bad Handle", json=SHIRT)) == ["handle"]
    assert (await client.put("/api/products/bad", json={**SHIRT, "variants": []})).status_code == 400
    assert (await client.get("/api/products/bad")).status_code == 404


async def test_what_belongs_to_another_product_is_refused(client):
    await shirt(client)
    other = {**SHIRT, "variants": [{"sku": "SH-S", "option_values": ["S", "red"]}]}
    assert fields(await client.put("/api/products/other", json=other)) == ["variants[0].sku"]
    other = {**SHIRT, "variants": [{"sku": "OT-S", "option_values": ["S", "red"], "gtins": ["4006381333931"]}]}
    assert fields(await client.put("/api/products/other", json=other)) == ["variants[0].gtins"]


async def test_a_patch_needs_the_version_that_was_read(client):
    created = await shirt(client)
    assert (await client.patch("/api/products/shirt", json={"status": "draft"})).status_code == 428
    etag = created.headers["etag"]
    changed = await client.patch(
        "/api/products/shirt",
        json={"status": "draft", "texts": {"hr": {"title": "Košulja"}}},
        headers={"If-Match": etag},
    )
    assert changed.status_code == 200
    assert changed.json()["status"] == "draft"
    assert sorted(changed.json()["texts"]) == ["en", "hr", "sl"]
    assert changed.json()["brand"] == "Northfold"
    stale = await client.patch("/api/products/shirt", json={"status": "active"}, headers={"If-Match": etag})
    assert stale.status_code == 412
    gone = await client.patch(
        "/api/products/shirt", json={"brand": None, "texts": {"hr": {}}}, headers={"If-Match": changed.headers["etag"]}
    )
    assert gone.json()["brand"] is None
    assert sorted(gone.json()["texts"]) == ["en", "sl"]


async def test_a_variant_is_changed_and_archived_by_patch(client):
    created = await shirt(client)
    headers = {"If-Match": created.headers["etag"]}
    changed = await client.patch(
        "/api/variants/SH-M",
        json={"weight_grams": 250, "gtins": ["73513537"], "media": [{"url": "/m/m.jpg"}]},
        headers=headers,
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["weight_grams"], changed.json()["gtins"], changed.json()["media"]) == (
        250,
        ["73513537"],
        [{"url": "/m/m.jpg", "kind": "image", "alt": {}}],
    )
    assert (await client.patch("/api/variants/SH-M", json={"status": "archived"}, headers=headers)).status_code == 412
    headers = {"If-Match": changed.headers["etag"]}
    wrong = await client.patch("/api/variants/SH-M", json={"gtins": ["4006381333931"]}, headers=headers)
    assert fields(wrong) == ["gtins"]
    archived = await client.patch("/api/variants/SH-M", json={"status": "archived"}, headers=headers)
    assert archived.json()["status"] == "archived"
    assert archived.json()["weight_grams"] == 250


async def test_products_are_listed_and_filtered(client):
    await shirt(client)
    for number in range(5):
        body = {"texts": {"en": {"title": f"Mug {number}%"}}, "variants": [{"sku": f"MUG-{number}"}]}
        assert (await client.put(f"/api/products/mug-{number}", json=body)).status_code == 200

    async def handles(**params):
        return [p["handle"] for p in (await client.get("/api/products", params=params)).json()["items"]]

    assert await handles(status="active") == ["shirt"]
    assert await handles(category="clothing") == ["shirt"]
    assert await handles(brand="Northfold") == ["shirt"]
    assert await handles(text="srajc") == ["shirt"]
    assert await handles(text="mug-3") == ["mug-3"]
    assert await handles(text="2%") == ["mug-2"]
    first = (await client.get("/api/products", params={"limit": 4})).json()
    second = (await client.get("/api/products", params={"limit": 4, "cursor": first["next_cursor"]})).json()
    assert [p["handle"] for p in first["items"] + second["items"]] == [*(f"mug-{n}" for n in range(5)), "shirt"]
    assert first["items"][0]["variant_count"] == 1
    assert second["items"][-1]["image_url"] == "/m/shirt.jpg"


async def test_the_category_tree_has_no_circles(client):
    await category(client, "a")
    await category(client, "b", parent="a")
    await category(client, "c", parent="b", names={"en": "C"})
    assert (await client.put("/api/categories/a", json={"parent": "c"})).status_code == 409
    assert fields(await client.put("/api/categories/a", json={"parent": "none"})) == ["parent"]
    tree = (await client.get("/api/categories")).json()["items"]
    assert tree[0]["children"][0]["children"][0]["names"] == {"en": "C"}


async def test_an_attribute_in_use_keeps_its_type(client):
    family = {
        "attributes": {"warmth": {"type": "integer"}, "size": {"type": "decimal", "scale": 1, "level": "variant"}}
    }
    assert (await client.put("/api/attribute-families/clothing", json=family)).status_code == 200
    body = {
        "texts": {"en": {"title": "X"}},
        "family": "clothing",
        "attributes": {"warmth": 3},
        "variants": [{"sku": "X", "attributes": {"size": "2.5"}}],
    }
    created = await client.put("/api/products/x", json=body)
    assert created.json()["variants"][0]["attributes"] == {"size": 25}
    family["attributes"]["warmth"] = {"type": "text"}
    assert fields(await client.put("/api/attribute-families/clothing", json=family)) == ["attributes.warmth"]
    wrong = {
        **body,
        "attributes": {"warmth": "hot", "size": 1, "none": 2},
        "variants": [{"sku": "X", "attributes": {"warmth": 4}}],
    }
    assert fields(await client.put("/api/products/x", json=wrong)) == [
        "attributes.warmth",
        "attributes.size",
        "attributes.none",
    ]
    bad = {"attributes": {"Bad Name": {"type": "text"}, "c": {"type": "choice"}}}
    assert fields(await client.put("/api/attribute-families/bad", json=bad)) == ["attributes.Bad Name", "attributes.c"]


async def test_a_file_is_imported_over_http(client):
    body = "handle,sku,title_en,gtin\na,A-1,A,4006381333931\nb,B-1,B,123\n"
    dry = await client.post("/api/catalog/imports", content=body, params={"dry_run": "true"})
    assert dry.status_code == 201
    assert (await client.get("/api/variants/A-1")).status_code == 404
    key = {"Idempotency-Key": "import-1"}
    done = await client.post("/api/catalog/imports", content=body, headers=key)
    assert done.status_code == 201
    assert (await client.post("/api/catalog/imports", content=body, headers=key)).json() == done.json()
    report = (await client.get(f"/api/catalog/imports/{done.json()['run']['import_run_id']}")).json()
    assert report == done.json()
    assert (report["run"]["variants_created"], report["run"]["status"], report["run"]["layout"]) == (
        1,
        "completed",
        "native",
    )
    assert report["errors"] == [
        {"row": 3, "column": "gtin", "reason": "a GTIN has 8, 12, 13 or 14 digits, not 3", "value": "123"}
    ]
    assert (await client.get("/api/variants/A-1")).status_code == 200
    assert fields(await client.post("/api/catalog/imports", content="not,a\ncatalogue,x\n")) == ["row 1"]
    assert fields(await client.post("/api/catalog/imports", content="")) == ["file"]
    assert (await client.get("/api/catalog/imports/0190a5b0-0000-7000-8000-000000000000")).status_code == 404


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "xlsx"])
async def test_the_catalogue_is_streamed_and_imports_again(client, file_format):
    created = await shirt(client)
    response = await client.get("/api/catalog/export", params={"format": file_format})
    assert response.status_code == 200
    assert f"catalogue.{file_format}" in response.headers["content-disposition"]
    again = (await client.post("/api/catalog/imports", content=response.content, params={"format": file_format})).json()
    assert (again["run"]["rows_read"], again["run"]["products_updated"], again["errors"]) == (2, 0, [])
    assert (await client.get("/api/products/shirt")).json() == created.json()


async def test_scopes_are_asked_for(client, make_api_key):
    headers = {"Authorization": f"Bearer {await make_api_key('catalog:read')}"}
    assert (await client.get("/api/products", headers=headers)).status_code == 200
    assert (await client.put("/api/products/x", json=SHIRT, headers=headers)).status_code == 403
    assert (await client.post("/api/catalog/imports", content="x", headers=headers)).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/api/products?cursor=zzz",
        "/api/products?limit=0",
        "/api/products?status=sold",
        "/api/products/%00",
        "/api/variants/%00",
        "/api/variants",
        "/api/brands?limit=9999",
        "/api/catalog/export?language=zz-zz-zz",
    ],
)
async def test_bad_requests_are_told_so(client, path):
    assert (await client.get(path)).status_code in (400, 404, 422)


async def test_axes_and_values_are_named_in_every_language_once_for_all_products(client):
    await shirt(client)
    rows = [
        {"axis": "Colour", "names": {"sl": "Barva", "hu": "Szín"}},
        {"axis": "Colour", "value": "blue", "names": {"sl": "modra"}},
        {"axis": "Colour", "value": "red", "names": {"sl": "rdeča"}},
    ]
    answer = await client.put("/api/option-names", json={"rows": rows})
    assert (answer.status_code, answer.json()) == (200, {"rows": 3, "changed": 3})
    assert (await client.put("/api/option-names", json={"rows": rows})).json()["changed"] == 0
    product = (await client.get("/api/products/shirt")).json()
    assert [(name["value"], name["names"]["sl"]) for name in product["option_names"]] == [
        ("", "Barva"),
        ("blue", "modra"),
    ]
    first = (await client.get("/api/option-names", params={"axis": "Colour", "limit": 2})).json()
    second = (await client.get("/api/option-names", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [name["value"] for name in first["items"] + second["items"]] == ["", "blue", "red"]
    replaced = [{"axis": "Colour", "value": "blue", "names": {"hr": "plava"}}]
    await client.put("/api/option-names", json={"rows": replaced})
    product = (await client.get("/api/products/shirt")).json()
    assert product["option_names"][1]["names"] == {"hr": "plava"}
    wrong = [*rows, rows[0], {"axis": "Size", "names": {"no language": "x"}}]
    answer = await client.put("/api/option-names", json={"rows": wrong})
    assert (answer.status_code, fields(answer)) == (422, ["rows[3].axis", "rows[4].names"])


async def test_names_of_options_are_imported_and_exported(client):
    header = "handle,sku,title_en,option1_name,option1_name_sl,option1_value,option1_value_sl,option1_value_hr"
    rows = ["cup,C-1,Cup,Colour,Barva,blue,modra,plava", "cup,C-2,,,,red,rdeča,", f"cup,C-3,,,,pink,{'x' * 300},"]
    body = "\n".join([header, *rows, ""]).encode()
    report = (await client.post("/api/catalog/imports", params={"dry_run": True}, content=body)).json()
    assert [error["column"] for error in report["errors"]] == ["option1_value_sl"]
    assert (await client.get("/api/option-names")).json()["items"] == []
    report = (await client.post("/api/catalog/imports", content=body)).json()
    assert (report["run"]["rows_rejected"], report["run"]["columns_ignored"]) == (1, [])
    product = (await client.get("/api/products/cup")).json()
    assert {name["value"]: name["names"] for name in product["option_names"]} == {
        "": {"sl": "Barva"},
        "blue": {"hr": "plava", "sl": "modra"},
        "red": {"sl": "rdeča"},
    }
    exported = (await client.get("/api/catalog/export")).text.splitlines()
    columns = exported[0].split(",")
    cells = [dict(zip(columns, line.split(","), strict=True)) for line in exported[1:]]
    assert [cell["option1_value_sl"] for cell in cells] == ["modra", "rdeča"]
    assert {cell["option1_name_sl"] for cell in cells} == {"Barva"}
    again = (await client.post("/api/catalog/imports", content="\n".join(exported).encode())).json()
    assert (again["run"]["variants_updated"], again["errors"]) == (0, [])


async def test_brands(client):
    for name in ("B", "A", "A"):
        assert (await client.post("/api/brands", json={"name": name})).status_code == 201
    assert [b["name"] for b in (await client.get("/api/brands")).json()["items"]] == ["A", "B"]
