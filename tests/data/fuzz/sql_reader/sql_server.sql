SET ANSI_NULLS ON
GO
CREATE TABLE [dbo].[t]([id] [int] IDENTITY(1,1) NOT NULL, [d] [datetime], [m] [money], [b] [bit])
GO
SET IDENTITY_INSERT [dbo].[t] ON
INSERT [dbo].[t] ([id], [d], [m], [b]) VALUES (1, CAST(N'2020-01-01' AS DateTime), 1.5, 1)
INSERT [dbo].[t] ([id], [d], [m], [b]) VALUES (2, NULL, CAST(2.5 AS Decimal(5, 2)), 0)
GO
