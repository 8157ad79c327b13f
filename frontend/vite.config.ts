import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig, type Plugin } from "vite";

const WEB = "../src/kanava/web";

/** Every file below a folder whose name ends so. */
function files(folder: string, endings: string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(folder, name));
}

/** The folders that the pages of a face are made of. */
const FACES = {
  shop: ["common", "shop"],
  kiosk: ["common", "shop", "kiosk"],
  store: ["common", "store"],
  console: ["common", "console"],
};

/** For each face a file with the icons that its pages and scripts name by `icon("…")`, `icon_name="…"` or `#icon-…`. */
function iconSprites(): Plugin {
  const chosen = /icon\(([^()]* if [^()]*)\)/g;
  const named = /(?:icon\(\s*"|icon_name\s*=\s*"|icon: "|#icon-)([a-z0-9-]+)/g;
  return {
    name: "icon-sprites",
    generateBundle() {
      const { icons, aliases } = JSON.parse(readFileSync("node_modules/@iconify-json/lucide/icons.json", "utf8"));
      const sources = [...files(WEB, [".html", ".py"]), ...files("src", [".ts"])];
      for (const [face, folders] of Object.entries(FACES)) {
        const own = sources.filter((file) => file.split(/[/.]/).some((part) => folders.includes(part)));
        const texts = own.map((file) => readFileSync(file, "utf8"));
        const names = texts.flatMap((text) => [...text.matchAll(named)].map((match) => match[1]!));
        // Of `icon("truck" if … else "factory")` both; what else stands in quotes there is none.
        const choices = texts.flatMap((text) => [...text.matchAll(chosen)].map((match) => match[1]!));
        const either = choices.flatMap((text) => [...text.matchAll(/"([a-z0-9-]+)"/g)].map((match) => match[1]!));
        names.push(...either.filter((name) => icons[name] ?? aliases[name]));
        const symbols = [...new Set(names)].sort().map((name) => {
          const drawn = icons[name] ?? icons[aliases[name]?.parent];
          if (!drawn) throw new Error(`There is no icon ${name} (they are those of lucide.dev).`);
          return `<symbol id="icon-${name}" viewBox="0 0 24 24">${drawn.body}</symbol>`;
        });
        this.emitFile({
          type: "asset",
          name: `icons-${face}.svg`,
          originalFileName: `src/icons-${face}.svg`,
          source: `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`,
        });
      }
    },
  };
}

// One entry for each face; a page loads the script and the styles of its face only.
export default defineConfig({
  plugins: [tailwindcss(), iconSprites()],
  base: "/static/dist/",
  build: {
    outDir: `${WEB}/static/dist`,
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: ["src/shop.ts", "src/kiosk.ts", "src/store.ts", "src/store/worker.ts", "src/console.ts"],
    },
  },
});
