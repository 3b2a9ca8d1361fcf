using Notify.Kernel.Resources;

namespace Notify.Rules.Schedules;

public sealed record ScheduleCreated(string Name, string Description, ScheduleSettings Settings) : IResourceCreated<ScheduleSettings>;

public sealed record ScheduleChanged(string Name, string Description, ScheduleSettings Settings) : IResourceChanged<ScheduleSettings>;

public sealed record ScheduleEnabled : IResourceEnabled;

public sealed record ScheduleDisabled : IResourceDisabled;

public sealed record ScheduleDeleted : IResourceDeleted;

/// <summary>When notifications may be sent. Stream <c>schedule-…</c>.</summary>
public sealed class Schedule : Resource<ScheduleSettings>;

public sealed partial class ScheduleProjection : ResourceProjection<Schedule, ScheduleSettings>;
