import { isObject, type Json } from '../data/json.ts'

/** How arrays are written in a form: `a[0]=x`, `a=x&a=y`, `a=x,y`, `a[]=x`. */
export type ArrayFormat = 'INDICES' | 'REPEAT' | 'COMMAS' | 'BRACKETS'

/**
 * An object as `application/x-www-form-urlencoded`; objects within it as `a[b]=x`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 */
export function formOf(body: { readonly [name: string]: Json }, format: ArrayFormat): string {
  const pairs = Object.entries(body).flatMap(([name, value]) => pairsOf(name, value, format))
  return new URLSearchParams(pairs).toString()
}

function pairsOf(name: string, value: Json, format: ArrayFormat): [string, string][] {
  if (Array.isArray(value)) {
    if (format === 'COMMAS') return [[name, value.map(textOf).join(',')]]
    return value.flatMap((item, index) => pairsOf(itemName(name, index, format), item, format))
  }
  if (!isObject(value)) return [[name, textOf(value)]]
  return Object.entries(value).flatMap(([key, member]) => pairsOf(`${name}[${key}]`, member, format))
}

function itemName(name: string, index: number, format: 'INDICES' | 'REPEAT' | 'BRACKETS'): string {
  switch (format) {
    case 'INDICES':
      return `${name}[${index}]`
    case 'BRACKETS':
      return `${name}[]`
    case 'REPEAT':
      return name
  }
}

/** A value as it stands in a header, a query or a form. */
export const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
