"""An import-linter contract: what is private in a module is imported from inside that module only."""

from typing import Any

from importlinter import Contract, ContractCheck, fields, output


class PrivateFiles(Contract):
    """`private` are the names of files (or packages) of a module; `roots` are modules that wire everything."""

    private = fields.ListField(subfield=fields.StringField())
    roots = fields.ListField(subfield=fields.StringField())

    def check(self, graph: Any, verbose: bool) -> ContractCheck:
        """Find imports of another module's private files; the platform's are public by design."""
        wrong = []
        for imported in sorted(graph.modules):
            parts = imported.split(".")
            if len(parts) < 3 or parts[0] != "kanava" or parts[1] == "platform" or parts[2] not in self.private:
                continue
            for importer in sorted(graph.find_modules_that_directly_import(imported)):
                home = importer.split(".")[1] if "." in importer else ""
                if home != parts[1] and home not in self.roots:
                    wrong.append((importer, imported))
        return ContractCheck(kept=not wrong, metadata={"wrong": wrong})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say what to call instead."""
        for importer, imported in check.metadata["wrong"]:
            module = imported.split(".")[1]
            output.print_error(f"{importer} imports {imported}: call kanava.{module}.service instead.")
