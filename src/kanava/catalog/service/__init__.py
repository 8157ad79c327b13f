"""The verbs of the catalogue; other modules use these."""

from kanava.catalog.service.exporting import export_bytes, export_catalogue, export_file
from kanava.catalog.service.importing import FileImport, Options, Progress, import_body, import_report, import_rows
from kanava.catalog.service.naming import show_variants
from kanava.catalog.service.options import list_option_names, put_option_names
from kanava.catalog.service.products import (
    ProductFilter,
    get_product,
    get_variant,
    list_products,
    patch_product,
    patch_variant,
    put_product,
    variants_by_gtin,
)
from kanava.catalog.service.taxonomy import (
    category_tree,
    get_category,
    get_family,
    list_brands,
    list_families,
    put_brand,
    put_category,
    put_family,
)
from kanava.catalog.store.lookups import variant_ids as variant_ids_by_sku

__all__ = [
    "FileImport",
    "Options",
    "ProductFilter",
    "Progress",
    "category_tree",
    "export_bytes",
    "export_catalogue",
    "export_file",
    "get_category",
    "get_family",
    "get_product",
    "get_variant",
    "import_body",
    "import_report",
    "import_rows",
    "list_brands",
    "list_families",
    "list_option_names",
    "list_products",
    "patch_product",
    "patch_variant",
    "put_brand",
    "put_category",
    "put_family",
    "put_option_names",
    "put_product",
    "show_variants",
    "variant_ids_by_sku",
    "variants_by_gtin",
]
