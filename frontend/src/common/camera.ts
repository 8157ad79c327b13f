/** Barcodes and QR codes by the camera; with the browser's own reader where it has one, else WebAssembly of ours. */
import wasm from "zxing-wasm/reader/zxing_reader.wasm?url";

const LOOK_EVERY_MILLISECONDS = 120;
const FORMATS = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "qr_code"] as const;

type Says = "starting" | "looking" | "denied" | "missing" | "insecure" | "failed";
interface Reader {
  detect(image: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
interface NativeReader {
  new (options: { formats: readonly string[] }): Reader;
  getSupportedFormats(): Promise<string[]>;
}

async function reader(): Promise<Reader> {
  const native = (window as { BarcodeDetector?: NativeReader }).BarcodeDetector;
  if (native) {
    const known = await native.getSupportedFormats();
    if (FORMATS.every((each) => known.includes(each))) return new native({ formats: FORMATS });
  }
  const { BarcodeDetector, prepareZXingModule } = await import("barcode-detector/ponyfill");
  prepareZXingModule({ overrides: { locateFile: (path: string) => (path.endsWith(".wasm") ? wasm : path) } });
  return new BarcodeDetector({ formats: [...FORMATS] });
}

/** Look through the camera until a code is seen or the dialog is closed. */
export async function read(dialog: HTMLDialogElement, found: (text: string) => void): Promise<void> {
  const video = dialog.querySelector("video")!;
  const say = (what: Says) => {
    for (const each of dialog.querySelectorAll<HTMLElement>("[data-says]")) {
      const shown = each.dataset.says === "view" ? what === "starting" || what === "looking" : each.dataset.says === what;
      each.hidden = !shown;
    }
  };
  say("starting");
  if (!window.isSecureContext) return say("insecure");
  if (!navigator.mediaDevices?.getUserMedia) return say("missing");
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    return say(name === "NotAllowedError" || name === "SecurityError" ? "denied" : "missing");
  }
  const stop = () => stream.getTracks().forEach((each) => each.stop());
  dialog.addEventListener("close", stop, { once: true });
  if (!dialog.open) return stop();
  try {
    const eye = await reader();
    video.srcObject = stream;
    await video.play();
    say("looking");
    while (dialog.open) {
      const text = (await eye.detect(video))[0]?.rawValue;
      if (text) {
        dialog.close();
        return found(text);
      }
      await new Promise((resolve) => window.setTimeout(resolve, LOOK_EVERY_MILLISECONDS));
    }
  } catch {
    stop();
    say("failed");
  }
}
