using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.Configuration;

/// <summary>Asks the module whose resources refer to others which of its resources use this one.</summary>
[MessageIdentity("notify.configuration.find-references.v1")]
public sealed record FindReferences(string Kind, string Id) : BusMessage;

[MessageIdentity("notify.configuration.references-found.v1")]
public sealed record ReferencesFound(IReadOnlyList<ReferencingResource> Users) : BusMessage;

/// <param name="Receivers">The receivers that it reaches through the resource asked about, without duplicates.</param>
public sealed record ReferencingResource(string Kind, string Id, string Name, bool Enabled, IReadOnlyList<Receiver> Receivers);
