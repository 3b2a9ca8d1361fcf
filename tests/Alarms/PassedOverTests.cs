using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Tests;

/// <summary>Repeats that came too fast are put on record when their minute is over, whatever else comes in the same transaction.</summary>
public sealed class PassedOverTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    [Fact]
    public async Task they_go_on_record_beside_a_repeat_that_comes_at_the_same_moment()
    {
        var id = await notify.RaiseAsync(NotifyFixture.NewName());
        var (writer, database) = (
            notify.Host.Services.GetRequiredService<AlarmWriter>(), notify.Host.Services.GetRequiredService<NpgsqlDataSource>());
        for (var i = 0; i < RepeatedReports.MostInAMinute + 2; i++) await writer.WriteAsync([Says(id, $"{i}")]);
        (await AlarmTable.FindAsync(database, notify.Host.Services.GetRequiredService<EventReader>(), id, default))!.PassedOver.Should()
            .NotBeNull("it is a flood");

        // Another node's minute is over, this one's is not.
        await writer.WriteAsync([Says(id, $"{RepeatedReports.MostInAMinute + 1}"), new(id, alarm => alarm!.PassedOver, Audit())]);

        var stored = (await AlarmTable.FindAsync(database, notify.Host.Services.GetRequiredService<EventReader>(), id, default))!;
        using var scope = notify.Host.Services.CreateScope();
        var events = await scope.ServiceProvider.GetRequiredService<EventReader>().ReadAsync([id], default);
        (stored.Version, stored.PassedOver).Should().Be((events.Count, null));
        events.Aggregate((Alarm?)null, (alarm, e) => Alarm.Apply(alarm, id, e.Data))!.Facts.Value.Should().Be($"{RepeatedReports.MostInAMinute + 1}");
        await writer.WriteAsync([new(id, alarm => alarm!.Acknowledge("", "Li Wei"), Audit())]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task an_end_that_a_repeat_announces_is_kept_beside_another_repeat_that_waits(bool first)
    {
        var (writer, database) = (
            notify.Host.Services.GetRequiredService<AlarmWriter>(), notify.Host.Services.GetRequiredService<NpgsqlDataSource>());
        var id = await notify.RaiseAsync(NotifyFixture.NewName());
        var until = DateTimeOffset.UtcNow.AddMinutes(5);
        await writer.WriteAsync([new(id, alarm => new AlarmReported(
            alarm!.Facts.Name, alarm.Facts.Path, "", alarm.Facts.Level, AlarmState.ActiveUnacked, "", DateTimeOffset.UtcNow, "",
            AcknowledgeMode.Manual, "", null, alarm.Facts.Labels, null) { ExpiresAt = until }, Audit())]);
        AlarmCommand extends = new(id, _ => new Extension(until.AddMinutes(1), until.AddMinutes(1)), Audit());
        await writer.WriteAsync(first ? [extends, Says(id, "7")] : [Says(id, "7"), extends]);
        var stored = (await AlarmTable.FindAsync(database, notify.Host.Services.GetRequiredService<EventReader>(), id, default))!;
        (stored.Facts.Value, stored.ExpiresAt, stored.Occurrence.AnnouncedEnd).Should().Be(("7", until.AddMinutes(1), until.AddMinutes(1)));
    }

    private static AlarmCommand Says(string id, string value) =>
        new(
            id,
            alarm => new ReportRepeated(
            alarm!.Reported, AlarmState.ActiveUnacked, alarm.Facts.EventTime, Times: 1)
            { Value = value == alarm.Facts.Value ? null : value },
            Audit());

    private static AuditContext Audit() => AuditContext.OfSystem(Guid.NewGuid().ToString("N"));
}
