// Remembers the templates of all routes, to tell "this path exists with another method" from "no such path".

export interface KnownRoutes {
  add(method: string, template: string): void;
  /** Methods a path has routes for, sorted; empty when the path is unknown. */
  methodsFor(path: string): string[];
}

function pattern(template: string): RegExp {
  const parts = template.split('/').map((part) => {
    if (part === '*') return '.*';
    if (part.includes(':')) return '[^/]+';
    return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  });
  return new RegExp(`^${parts.join('/')}$`);
}

export function knownRoutes(): KnownRoutes {
  const routes = new Map<string, { readonly matches: RegExp; readonly methods: Set<string> }>();
  return {
    add(method, template) {
      const found = routes.get(template) ?? { matches: pattern(template), methods: new Set<string>() };
      found.methods.add(method);
      routes.set(template, found);
    },
    methodsFor(path) {
      const methods = new Set<string>();
      for (const route of routes.values()) {
        if (route.matches.test(path)) for (const method of route.methods) methods.add(method);
      }
      return [...methods].sort();
    },
  };
}
