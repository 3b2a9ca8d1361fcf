using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.Configuration;

/// <summary>Asked of the module whose resources refer to others: who uses this one?</summary>
[MessageIdentity("notify.configuration.find-references.v1")]
public sealed record FindReferences(string Kind, string Id) : BusMessage;

[MessageIdentity("notify.configuration.references-found.v1")]
public sealed record ReferencesFound(IReadOnlyList<ReferencingResource> Users) : BusMessage;

/// <param name="Receivers">Whom it reaches by this resource, each once.</param>
public sealed record ReferencingResource(string Kind, string Id, string Name, bool Enabled, IReadOnlyList<Receiver> Receivers);
