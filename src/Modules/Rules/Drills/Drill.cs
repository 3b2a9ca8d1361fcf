using Notify.Kernel.Resources;

namespace Notify.Rules.Drills;

public sealed record DrillCreated(string Name, string Description, DrillSettings Settings) : IResourceCreated<DrillSettings>;

public sealed record DrillChanged(string Name, string Description, DrillSettings Settings) : IResourceChanged<DrillSettings>;

public sealed record DrillEnabled : IResourceEnabled;

public sealed record DrillDisabled : IResourceDisabled;

public sealed record DrillDeleted : IResourceDeleted;

/// <summary>A test alarm sent at set times through a real service to real receivers, to prove that they can be reached. Stream
/// <c>drill-…</c>.</summary>
public sealed class Drill : Resource<DrillSettings>;

public sealed partial class DrillProjection : ResourceProjection<Drill, DrillSettings>;
