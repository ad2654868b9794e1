/** The folder, to be named in PYTHONPATH. Throws with the reason if it cannot be installed. */
export function installPython(name: string, version: string): string
