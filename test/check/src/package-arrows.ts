// Holds every import against the picture of the packages: it leads to something, it is declared, it points down, and it enters
// another package by its name. Tests may look anywhere their package.json lets them, but by name too.

import type { CheckResult, Finding } from './finding.ts'
import { layerOf } from './layers.ts'
import { type Import, splitSpecifier } from './module-graph.ts'
import type { SourceFile, Workspace, WorkspacePackage } from './workspace.ts'

export function checkArrows(workspace: Workspace, imports: readonly Import[]): CheckResult {
  const homeless = workspace.packages.filter((each) => layerOf(each) === undefined)
  const findings = [
    ...homeless.map(
      ({ folder }): Finding => ({
        rule: 'package-layer',
        file: `${folder}/package.json`,
        message: `${folder} stands on no layer: give it one in test/check/src/layers.ts`,
      }),
    ),
    ...imports.flatMap((each) => importFindings(workspace, each)),
  ]
  return { findings, warnings: [], scope: `${workspace.packages.length} packages, ${imports.length} imports` }
}

function importFindings(workspace: Workspace, each: Import): Finding[] {
  const { from, specifier, line, target } = each
  const finding = (rule: string, message: string): Finding => ({ rule, file: from.path, line, message })
  if (target.kind === 'missing') return [finding('import-missing', `"${specifier}": ${target.reason}`)]
  if (specifier.startsWith('.')) return relativeFindings(each, finding)
  if (target.kind === 'builtin') return []

  const [name] = splitSpecifier(specifier)
  if (name === from.owner.name) return []
  const findings: Finding[] = []
  if (!isDeclared(workspace, from, name)) {
    const kind = from.isTest ? 'dependencies or devDependencies' : 'dependencies'
    findings.push(
      finding('import-undeclared', `"${name}" is not among the ${kind} of ${manifestOf(from.owner)}`),
    )
  }
  if (target.kind === 'file' && target.package !== undefined && !from.isTest) {
    const refused = arrowRefused(from.owner, target.package)
    if (refused !== undefined) findings.push(finding('package-arrow', refused))
  }
  return findings
}

function relativeFindings(
  { from, specifier, target }: Import,
  finding: (rule: string, message: string) => Finding,
): Finding[] {
  const inside = target.kind === 'file' && target.path.startsWith(`${from.owner.folder}/`)
  if (from.owner.folder !== '' && !inside) {
    return [
      finding(
        'import-leaves-package',
        `"${specifier}" leaves ${from.owner.folder}: enter by the package name`,
      ),
    ]
  }
  if (from.isTest && specifier.startsWith('../../../')) {
    return [finding('test-climbs', `"${specifier}" climbs three folders: a test enters by the package name`)]
  }
  return []
}

function isDeclared(workspace: Workspace, from: SourceFile, name: string): boolean {
  if (from.owner.dependencies.has(name)) return true
  if (!from.isTest) return false
  return from.owner.devDependencies.has(name) || workspace.packages[0]?.devDependencies.has(name) === true
}

function arrowRefused(from: WorkspacePackage, to: WorkspacePackage): string | undefined {
  const source = layerOf(from)
  const target = layerOf(to)
  if (source === undefined || target === undefined) return undefined
  if (target.height < source.height || (target.height === source.height && source.mixes)) return undefined
  const relation = target.height === source.height ? 'beside' : 'above'
  return `${from.folder} may not know ${to.folder}, which stands ${relation} it (test/check/src/layers.ts)`
}

function manifestOf({ folder }: WorkspacePackage): string {
  return folder === '' ? 'package.json' : `${folder}/package.json`
}
